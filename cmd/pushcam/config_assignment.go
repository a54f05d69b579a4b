package main

import (
	"strings"

	"github.com/pushcam/pushcam/capture"
)

// assignment is a control and the value to set it to, in a person's words.
type assignment struct{ Name, Value string }

// UnmarshalText reads NAME=VALUE. What the value may be, only the camera knows.
func (a *assignment) UnmarshalText(text []byte) error {
	name, value, ok := strings.Cut(string(text), "=")
	name, value = strings.TrimSpace(name), strings.TrimSpace(value)
	if !ok || capture.ControlKey(name) == "" || value == "" {
		return wrong(text, "NAME=VALUE like brightness=120 or auto_exposure=manual_mode")
	}
	*a = assignment{Name: name, Value: value}
	return nil
}

// isDefault reports whether the control is to be as it was made.
func (a assignment) isDefault() bool { return strings.EqualFold(a.Value, "default") }
