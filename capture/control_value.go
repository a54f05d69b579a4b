package capture

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Parse reads a value as people write it: a number; on, off, true, false, yes
// or no for a ControlBoolean; an item's index or its name, in any spelling, of
// a menu; anything for a ControlButton. The range is not looked at, as another
// control may move it.
func (c Control) Parse(text string) (int64, error) {
	switch c.Type {
	case ControlButton:
		return 1, nil
	case ControlBoolean:
		switch strings.ToLower(text) {
		case "on", "true", "yes", "1":
			return 1, nil
		case "off", "false", "no", "0":
			return 0, nil
		}
		return 0, fmt.Errorf("%q: want on or off", text)
	case ControlMenu, ControlIntegerMenu:
		return c.parseItem(text)
	case ControlBitmask:
		if value, err := strconv.ParseUint(text, 0, 32); err == nil {
			return int64(value), nil
		}
	case ControlInteger, ControlInteger64:
		if value, err := strconv.ParseInt(text, 10, 64); err == nil {
			return value, nil
		}
	case ControlOpaque:
		return 0, errors.New("its value is no number, and cannot be set here")
	}
	return 0, fmt.Errorf("%q: want %s", text, c.Range())
}

// parseItem prefers an index, which is unique, to a name that looks like one.
func (c Control) parseItem(text string) (int64, error) {
	if index, err := strconv.ParseInt(text, 10, 64); err == nil && c.Takes(index) {
		return index, nil
	}
	for _, same := range []func(string) bool{
		func(name string) bool { return name == text },
		func(name string) bool { return strings.EqualFold(name, text) },
		func(name string) bool { return ControlKey(text) != "" && ControlKey(name) == ControlKey(text) },
	} {
		named := slices.DeleteFunc(slices.Clone(c.Menu), func(m MenuItem) bool { return !same(m.Name) })
		switch {
		case len(named) == 1:
			return named[0].Index, nil
		case len(named) > 1:
			return 0, fmt.Errorf("%q is the name of more than one item: want the number of %s", text, c.Range())
		}
	}
	return 0, fmt.Errorf("%q: want %s", text, c.Range())
}

// Format writes a value for people, in words that Parse reads.
func (c Control) Format(value int64) string {
	switch c.Type {
	case ControlBoolean:
		switch value {
		case 0:
			return "off"
		case 1:
			return "on"
		}
	case ControlBitmask:
		return fmt.Sprintf("0x%x", uint32(value))
	case ControlMenu, ControlIntegerMenu:
		for _, m := range c.Menu {
			if m.Index == value {
				return fmt.Sprintf("%d (%s)", value, m.Name)
			}
		}
	case ControlOpaque, ControlInteger, ControlButton, ControlInteger64:
	}
	return strconv.FormatInt(value, 10)
}
