package capture

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Control is a setting of a camera as it was when asked: brightness, exposure,
// focus.
type Control struct {
	Name string // for people: "White Balance, Automatic"
	// Key is the name to set it by, "white_balance_automatic": small letters,
	// digits and underscores. It is unique on a camera.
	Key  string
	Type ControlType
	// Min, Max, Step and Default bound Value; those of a ControlMenu are the
	// indexes of its items, those of a ControlBitmask its bits.
	Min, Max, Step, Default int64
	Menu                    []MenuItem
	// Value is the current one, if Readable.
	Value int64

	ReadOnly  bool // it tells something, and cannot be set
	WriteOnly bool // it cannot be read
	Inactive  bool // without effect now: another control, mostly an automatic one, decides
	Busy      bool // cannot be changed now, mostly while the camera runs
	Volatile  bool // its value changes by itself: what an automatic chose
	Leading   bool // setting it may change others

	// Kept reports that the user set it to KeptValue, which the camera gets
	// again whenever it is opened.
	Kept      bool
	KeptValue int64
}

// MenuItem is a choice of a ControlMenu or ControlIntegerMenu. Not every index
// between Min and Max need have one.
type MenuItem struct {
	Index int64
	Name  string // of a ControlIntegerMenu the number
}

// ControlType says how to set a Control.
type ControlType uint8

// The types of controls.
const (
	// ControlOpaque is a control whose value is no number: text, arrays,
	// matrices. It is listed, and neither read nor set.
	ControlOpaque ControlType = iota
	ControlInteger
	ControlBoolean
	ControlMenu
	ControlButton // setting it, to anything, does something
	ControlInteger64
	ControlBitmask
	ControlIntegerMenu
)

// String returns the type's name.
func (t ControlType) String() string {
	switch t {
	case ControlOpaque:
		return "opaque"
	case ControlInteger:
		return "integer"
	case ControlBoolean:
		return "boolean"
	case ControlMenu:
		return "menu"
	case ControlButton:
		return "button"
	case ControlInteger64:
		return "integer64"
	case ControlBitmask:
		return "bitmask"
	case ControlIntegerMenu:
		return "integer menu"
	}
	return fmt.Sprintf("type(%d)", uint8(t))
}

// Readable reports whether Value means something.
func (c Control) Readable() bool {
	return !c.WriteOnly && c.Type != ControlOpaque && c.Type != ControlButton
}

// Range says in words what the control can be set to.
func (c Control) Range() string {
	switch c.Type {
	case ControlOpaque:
		return "not a number"
	case ControlButton:
		return "any value, which presses it"
	case ControlBoolean:
		return "0 or 1"
	case ControlMenu, ControlIntegerMenu:
		items := make([]string, len(c.Menu))
		for i, m := range c.Menu {
			items[i] = fmt.Sprintf("%d (%s)", m.Index, m.Name)
		}
		return "one of " + strings.Join(items, ", ")
	case ControlBitmask:
		return fmt.Sprintf("bits of 0x%x", uint32(c.Max))
	case ControlInteger, ControlInteger64:
		if c.Step > 1 {
			return fmt.Sprintf("%d to %d in steps of %d", c.Min, c.Max, c.Step)
		}
		return fmt.Sprintf("%d to %d", c.Min, c.Max)
	}
	return ""
}

// Check reports why the control cannot be set to a value now; an error that is
// ErrInactive when only another control is in the way.
func (c Control) Check(value int64) error {
	switch {
	case c.ReadOnly:
		return fmt.Errorf("it can only be read")
	case c.Type == ControlOpaque:
		return fmt.Errorf("its value is no number, and cannot be set here")
	case !c.Takes(value):
		return fmt.Errorf("%d is out of range: want %s", value, c.Range())
	case c.Inactive:
		return ErrInactive
	case c.Busy:
		return fmt.Errorf("it cannot be changed now, mostly because the camera runs: close it and try again")
	}
	return nil
}

// Takes reports whether the value is one that the control can have.
func (c Control) Takes(value int64) bool {
	switch c.Type {
	case ControlOpaque:
		return false
	case ControlButton:
		return true
	case ControlMenu, ControlIntegerMenu:
		return slices.ContainsFunc(c.Menu, func(m MenuItem) bool { return m.Index == value })
	case ControlBoolean:
		return value == 0 || value == 1
	case ControlBitmask:
		return value >= 0 && value <= 1<<32-1 && value&^int64(uint32(c.Max)) == 0
	case ControlInteger, ControlInteger64:
		return value >= c.Min && value <= c.Max
	}
	return false
}

// ControlKey makes a Key of a name: a name that can be typed.
func ControlKey(name string) string {
	var b strings.Builder
	gap := false
	for _, r := range strings.ToLower(name) {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			if gap && b.Len() > 0 {
				b.WriteByte('_')
			}
			gap = false
			b.WriteRune(r)
		} else {
			gap = true
		}
	}
	return b.String()
}

// FindControl returns the place of the control with a Key, or with a name in
// any spelling. The error has the names that there are, the nearest first.
func FindControl(controls []Control, name string) (int, error) {
	key := ControlKey(name)
	for _, want := range []string{name, key} {
		if i := slices.IndexFunc(controls, func(c Control) bool { return c.Key == want }); i >= 0 {
			return i, nil
		}
	}
	if len(controls) == 0 {
		return 0, fmt.Errorf("no control %q: the camera has none", name)
	}
	keys := make([]string, len(controls))
	for i, c := range controls {
		keys[i] = c.Key
	}
	nearest := slices.MinFunc(keys, func(a, b string) int { return cmp.Compare(distance(key, a), distance(key, b)) })
	i := slices.Index(keys, nearest)
	keys = append([]string{nearest}, slices.Delete(keys, i, i+1)...)
	return 0, fmt.Errorf("no control %q: there is %s", name, strings.Join(keys, ", "))
}

// distance is how many letters have to be added, removed or replaced to make
// b of a (Levenshtein), where a part of b counts as near.
func distance(a, b string) int {
	const longest = 64 // a key has at most 32 letters and a number
	a, b = a[:min(len(a), longest)], b[:min(len(b), longest)]
	if a != "" && strings.Contains(b, a) {
		return 1
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			replaced := diagonal
			if a[i] != b[j] {
				replaced++
			}
			diagonal = row[j+1]
			row[j+1] = min(replaced, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
