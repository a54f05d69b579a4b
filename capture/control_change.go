package capture

import (
	"errors"
	"maps"
	"slices"
)

// ControlChange is what to do to a camera's controls, in one go: Reset first,
// then the rest in an order that works, as manual exposure can be set only when
// automatic exposure is off.
type ControlChange struct {
	// Reset sets all to their defaults, and forgets all that was kept.
	Reset bool
	// Default sets the controls of these keys to their defaults, and forgets
	// what was kept of them.
	Default []string
	// Set has the values to set, and to keep, by key.
	Set map[string]int64
}

// ErrInactive: a control has no effect now.
var ErrInactive = errors.New("it is without effect while another control, mostly an automatic one, decides: set that first")

// NotSetError says which controls a camera did not take, and why. All others
// are set.
type NotSetError struct {
	Failed map[string]error // by key
}

// Error lists them by key.
func (e *NotSetError) Error() string { return errors.Join(e.Unwrap()...).Error() }

// Unwrap gives the single errors.
func (e *NotSetError) Unwrap() []error {
	var errs []error
	for _, key := range slices.Sorted(maps.Keys(e.Failed)) {
		errs = append(errs, e.Failed[key])
	}
	return errs
}
