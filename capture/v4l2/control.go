package v4l2

import (
	"fmt"
	"strings"
)

// Control is a setting of a device as it was when asked: brightness, exposure,
// focus.
type Control struct {
	ID   uint32
	Name string // for people: "White Balance, Automatic"
	// Key is the name to set it by, "white_balance_automatic": small letters,
	// digits and underscores, like those of v4l2-ctl. It is unique on a device.
	Key  string
	Type ControlType
	// Min, Max, Step and Default bound Value; those of a Menu are the indexes
	// of its items, those of a Bitmask its bits.
	Min, Max, Step, Default int64
	Menu                    []MenuItem
	// Value is the current one, if Readable.
	Value int64

	ReadOnly  bool // it tells something, and cannot be set
	WriteOnly bool // it cannot be read
	Inactive  bool // without effect now: another control, mostly an automatic one, decides
	Busy      bool // cannot be changed now, mostly while streaming
	Volatile  bool // its value changes by itself: what an automatic chose
	Leading   bool // setting it may change others
}

// MenuItem is a choice of a Menu or IntegerMenu. Not every index between Min
// and Max need have one.
type MenuItem struct {
	Index int64
	Name  string // for an IntegerMenu the number
}

// ControlType says how to set a Control.
type ControlType uint8

// The types of enum v4l2_ctrl_type.
const (
	// Opaque is a control whose value is no number: text, arrays, matrices.
	// It is listed, and neither read nor set.
	Opaque ControlType = iota
	Integer
	Boolean
	Menu
	Button // setting it, to anything, does something
	Integer64
	Bitmask
	IntegerMenu
)

// String returns the type's name.
func (t ControlType) String() string {
	switch t {
	case Opaque:
		return "opaque"
	case Integer:
		return "integer"
	case Boolean:
		return "boolean"
	case Menu:
		return "menu"
	case Button:
		return "button"
	case Integer64:
		return "integer64"
	case Bitmask:
		return "bitmask"
	case IntegerMenu:
		return "integer menu"
	}
	return fmt.Sprintf("type(%d)", uint8(t))
}

// The kernel's numbers of the types.
const (
	kernelControlClass = 6
	kernelBitmask      = 8
	kernelIntegerMenu  = 9
)

func controlType(kind uint32) ControlType {
	switch kind {
	case 1, 2, 3, 4, 5:
		return ControlType(kind)
	case kernelBitmask:
		return Bitmask
	case kernelIntegerMenu:
		return IntegerMenu
	}
	return Opaque
}

// Readable reports whether Value means something.
func (c Control) Readable() bool { return !c.WriteOnly && c.Type != Opaque && c.Type != Button }

// Range says in words what the control can be set to.
func (c Control) Range() string {
	switch c.Type {
	case Opaque:
		return "not a number"
	case Button:
		return "any value, which presses it"
	case Boolean:
		return "0 or 1"
	case Menu, IntegerMenu:
		items := make([]string, len(c.Menu))
		for i, m := range c.Menu {
			items[i] = fmt.Sprintf("%d (%s)", m.Index, m.Name)
		}
		return "one of " + strings.Join(items, ", ")
	case Bitmask:
		return fmt.Sprintf("bits of 0x%x", uint32(c.Max))
	case Integer, Integer64:
		if c.Step > 1 {
			return fmt.Sprintf("%d to %d in steps of %d", c.Min, c.Max, c.Step)
		}
		return fmt.Sprintf("%d to %d", c.Min, c.Max)
	}
	return ""
}

// Check reports why the control cannot be set to a value now.
func (c Control) Check(value int64) error {
	switch {
	case c.ReadOnly:
		return fmt.Errorf("it can only be read")
	case c.Type == Opaque:
		return fmt.Errorf("its value is no number, and cannot be set here")
	case !c.takes(value):
		return fmt.Errorf("%d is out of range: want %s", value, c.Range())
	case c.Inactive:
		return fmt.Errorf("it is without effect while another control, mostly an automatic one, decides: set that first")
	case c.Busy:
		return fmt.Errorf("it cannot be changed now, mostly because the camera runs: close it and try again")
	}
	return nil
}

func (c Control) takes(value int64) bool {
	switch c.Type {
	case Opaque:
		return false
	case Button:
		return true
	case Menu, IntegerMenu:
		for _, m := range c.Menu {
			if m.Index == value {
				return true
			}
		}
		return false
	case Boolean:
		return value == 0 || value == 1
	case Bitmask:
		return value >= 0 && value <= 1<<32-1 && value&^int64(uint32(c.Max)) == 0
	case Integer, Integer64:
		return value >= c.Min && value <= c.Max
	}
	return false
}

// key makes a name that can be typed.
func key(name string) string {
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
