package camera

import (
	"errors"
	"fmt"
	"maps"

	"github.com/pushcam/pushcam/capture"
)

// plan is a capture.ControlChange for one camera.
type plan struct {
	reset  bool
	values map[string]int64 // all that is set after the reset, by key
	forget map[string]bool  // those of values that are defaults
	button map[string]bool  // those of values that are pressed: not kept
	failed map[string]error // by key, after apply
}

// planOf finds the controls, by whatever name, and refuses those that nothing
// can be done about.
func planOf(controls []capture.Control, change capture.ControlChange) (*plan, error) {
	p := &plan{reset: change.Reset, values: map[string]int64{}, forget: map[string]bool{}, button: map[string]bool{}}
	find := func(name string) (capture.Control, error) {
		i, err := capture.FindControl(controls, name)
		if err != nil {
			return capture.Control{}, err
		}
		c := controls[i]
		switch _, twice := p.values[c.Key]; {
		case twice:
			return c, fmt.Errorf("%s: is there twice", c.Key)
		case c.ReadOnly || c.Type == capture.ControlOpaque:
			return c, fmt.Errorf("%s: %w", c.Key, c.Check(c.Default))
		}
		return c, nil
	}
	for name, value := range change.Set {
		c, err := find(name)
		if err != nil {
			return nil, err
		}
		p.values[c.Key] = value
		p.button[c.Key] = c.Type == capture.ControlButton
	}
	for _, name := range change.Default {
		c, err := find(name)
		if err != nil {
			return nil, err
		}
		if c.Type == capture.ControlButton {
			return nil, fmt.Errorf("%s: is a button, which has no default", c.Key)
		}
		p.values[c.Key] = c.Default
		p.forget[c.Key] = true
	}
	return p, nil
}

// apply fails with a capture.NotSetError, and leaves p.failed, when the camera
// took a part; else with why it took nothing.
func (p *plan) apply(open Controls) error {
	p.failed = map[string]error{}
	refuse := func(err error) error {
		var refused *capture.NotSetError
		if !errors.As(err, &refused) {
			return err
		}
		maps.Copy(p.failed, refused.Failed)
		return nil
	}
	if p.reset {
		if err := refuse(open.Reset()); err != nil {
			p.failed = nil
			return err
		}
	}
	if err := refuse(open.Apply(p.values)); err != nil {
		p.failed = nil
		return err
	}
	maps.DeleteFunc(p.failed, func(key string, err error) bool {
		// An automatic decides, as it does by default.
		return p.forget[key] && errors.Is(err, capture.ErrInactive)
	})
	if len(p.failed) > 0 {
		return &capture.NotSetError{Failed: p.failed}
	}
	return nil
}

// edit is for Preferences.Update.
func (p *plan) edit(kept map[string]int64) {
	if p.reset {
		clear(kept)
	}
	for key, value := range p.values {
		switch {
		case p.forget[key]:
			delete(kept, key)
		case p.failed[key] == nil && !p.button[key]:
			kept[key] = value
		}
	}
}
