package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"

	"github.com/pushcam/pushcam/capture"
	"github.com/pushcam/pushcam/capture/camera"
)

// adjustable is a camera's controls.
type adjustable interface {
	// Controls lists them.
	Controls(ctx context.Context) ([]capture.Control, error)
	// Adjust changes them and lists them as they are then.
	Adjust(ctx context.Context, change capture.ControlChange) ([]capture.Control, error)
}

// run implements command.
func (c *setConfig) run(ctx context.Context, std stdio) error {
	if c.Source == sourcePattern {
		return errors.New("set controls of the test pattern: it has none; name a camera with --source")
	}
	log := slog.New(slog.NewTextHandler(std.err, nil))
	return c.set(ctx, std.out, camera.New(camera.Config{
		Device: string(c.Source), System: cameras(), Preferences: c.store(log), Log: log,
	}))
}

// set changes what was asked for and prints what the camera took. What it
// refused, or what cannot be kept, is in the error.
func (c *setConfig) set(ctx context.Context, w io.Writer, device adjustable) error {
	controls, err := device.Controls(ctx)
	if err != nil {
		return err
	}
	change, err := c.change(controls)
	if err != nil {
		return err
	}
	after, err := device.Adjust(ctx, change)
	if len(after) == 0 {
		return err
	}
	var refused *capture.NotSetError
	errors.As(err, &refused)
	for _, control := range after {
		_, set := change.Set[control.Key]
		isDefault := slices.Contains(change.Default, control.Key)
		if !set && !isDefault || refused != nil && refused.Failed[control.Key] != nil {
			continue
		}
		fmt.Fprintln(w, describeSet(control, change))
	}
	if c.Reset && err == nil {
		fmt.Fprintln(w, "all others are at their defaults, and not kept")
	}
	return err
}

// change finds the controls and reads the values.
func (c *setConfig) change(controls []capture.Control) (capture.ControlChange, error) {
	change := capture.ControlChange{Reset: c.Reset, Set: map[string]int64{}}
	for _, a := range c.Assignments {
		i, err := capture.FindControl(controls, a.Name)
		if err != nil {
			return change, err
		}
		control := controls[i]
		if _, twice := change.Set[control.Key]; twice || slices.Contains(change.Default, control.Key) {
			return change, fmt.Errorf("%s: is there twice", control.Key)
		}
		if a.isDefault() {
			change.Default = append(change.Default, control.Key)
			continue
		}
		if change.Set[control.Key], err = control.Parse(a.Value); err != nil {
			return change, fmt.Errorf("%s: %w", control.Key, err)
		}
	}
	return change, nil
}

// describeSet is what became of one that was set.
func describeSet(c capture.Control, change capture.ControlChange) string {
	value, set := change.Set[c.Key]
	if !set {
		value = c.Default
	}
	switch {
	case c.Type == capture.ControlButton:
		return c.Key + " pressed"
	case !c.Readable():
		return fmt.Sprintf("%s = %s, as far as it can be told: it cannot be read", c.Key, c.Format(value))
	case c.Value != value:
		return fmt.Sprintf("%s = %s, asked for %s", c.Key, c.Format(c.Value), c.Format(value))
	}
	return c.Key + " = " + c.Format(c.Value)
}

// printControls lists controls, one a line and what there is to say about each
// below it.
func printControls(w io.Writer, controls []capture.Control) {
	width := 0
	for _, c := range controls {
		width = max(width, len(c.Key))
	}
	for _, c := range controls {
		value := ""
		if c.Readable() {
			value = c.Format(c.Value)
		}
		fmt.Fprintf(w, "   control %-*s %s\n", width, c.Key, cmp.Or(value, "-"))
		fmt.Fprintf(w, "           %s\n", describeControl(c))
	}
}

// describeControl is what the control can be set to, and what stands against
// it now.
func describeControl(c capture.Control) string {
	text := c.Type.String()
	switch c.Type {
	case capture.ControlOpaque:
		return "neither read nor set here"
	case capture.ControlButton:
		text += ", pressed by any value"
	case capture.ControlBoolean:
		text += ", off or on"
	case capture.ControlInteger, capture.ControlInteger64, capture.ControlMenu, capture.ControlIntegerMenu, capture.ControlBitmask:
		text += ", " + c.Range()
	}
	if c.Type != capture.ControlButton {
		text += "; default " + c.Format(c.Default)
	}
	if c.Kept {
		text += "; kept as " + c.Format(c.KeptValue)
	}
	for _, state := range []struct {
		is   bool
		word string
	}{
		{c.ReadOnly, "read-only"}, {c.WriteOnly && c.Type != capture.ControlButton, "cannot be read"},
		{c.Inactive, "inactive: another control decides"}, {c.Busy, "busy: not while the camera runs"},
		{c.Volatile, "volatile: changes by itself"},
	} {
		if state.is {
			text += "; " + state.word
		}
	}
	return text
}
