package v4l2

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/pushcam/pushcam/capture"
)

// isAutomatic knows the controls of linux/v4l2-controls.h that hand others to
// the camera, as not every driver flags them.
func isAutomatic(id uint32) bool {
	switch id {
	case 0x0098090c, // V4L2_CID_AUTO_WHITE_BALANCE
		0x00980912, // V4L2_CID_AUTOGAIN
		0x00980919, // V4L2_CID_HUE_AUTO
		0x00980920, // V4L2_CID_AUTOBRIGHTNESS
		0x009a0901, // V4L2_CID_EXPOSURE_AUTO
		0x009a090c, // V4L2_CID_FOCUS_AUTO
		0x009a0914, // V4L2_CID_AUTO_N_PRESET_WHITE_BALANCE
		0x009a0918, // V4L2_CID_ISO_SENSITIVITY_AUTO
		0x009a091a: // V4L2_CID_SCENE_MODE
		return true
	}
	return false
}

// Control returns the control of a key, or of a name in any spelling, as it is
// now.
func (d *Device) Control(name string) (capture.Control, error) {
	c, err := d.control(name)
	return c.Control, err
}

func (d *Device) control(name string) (control, error) {
	controls, err := d.controls()
	if err != nil {
		return control{}, err
	}
	c, err := pick(controls, name)
	if err != nil {
		return control{}, d.fail("control", err)
	}
	return c, nil
}

// Set sets a control and returns the value that the device took, which may be
// rounded to a step. A value out of range is refused with the range.
func (d *Device) Set(name string, value int64) (int64, error) {
	c, err := d.control(name)
	if err != nil {
		return 0, err
	}
	return d.set(c, value)
}

func (d *Device) set(c control, value int64) (int64, error) {
	if err := c.Check(value); err != nil {
		return 0, fmt.Errorf("set %s of %s to %d: %w", c.Key, d.path, value, err)
	}
	if err := d.write(c, value); err != nil {
		return 0, d.refused(fmt.Sprintf("set %s to %d of", c.Key, value), err)
	}
	if !c.Readable() {
		return value, nil
	}
	got, err := d.read(c)
	if err != nil {
		return 0, d.refused(fmt.Sprintf("read %s of", c.Key), err)
	}
	return got, nil
}

// refused words an error about a control, which says nothing about the mode or
// the cable as the same one of a stream does.
func (d *Device) refused(operation string, err error) error {
	if gone(err) {
		return d.fail(operation, err)
	}
	return fmt.Errorf("%s %s: the camera refuses: %w", operation, d.path, err)
}

// Reset sets every control that can be set to its default, in an order that
// works.
func (d *Device) Reset() error {
	controls, err := d.Controls()
	if err != nil {
		return err
	}
	defaults := map[string]int64{}
	for _, c := range controls {
		if c.Type != capture.ControlButton && !c.ReadOnly && c.Type != capture.ControlOpaque && c.Takes(c.Default) && (!c.Readable() || c.Value != c.Default) {
			defaults[c.Key] = c.Default
		}
	}
	err = d.Apply(defaults)
	var partly *capture.NotSetError
	if errors.As(err, &partly) && onlyInactive(partly) {
		return nil // an automatic that is on by default decides
	}
	return err
}

// onlyInactive reports whether all failed as others decide.
func onlyInactive(e *capture.NotSetError) bool {
	for _, err := range e.Failed {
		if !errors.Is(err, capture.ErrInactive) {
			return false
		}
	}
	return true
}

// applyRounds is how often what could not be set is tried again: an automatic
// may depend on another one.
const applyRounds = 3

// Apply sets controls by key, in an order that works: those that lead others
// first, as manual exposure can be set only when automatic exposure is off;
// then the rest; then again what had no effect or was refused. It sets all that
// it can, and fails with a capture.NotSetError that names the rest.
func (d *Device) Apply(values map[string]int64) error {
	pending := maps.Clone(values)
	failed := map[string]error{}
	for range applyRounds {
		if len(pending) == 0 {
			break
		}
		before := len(pending)
		if err := d.applyOnce(pending, failed); err != nil {
			return err
		}
		if len(pending) == before {
			break // another round would end the same
		}
	}
	if len(failed) > 0 {
		return &capture.NotSetError{Failed: failed}
	}
	return nil
}

// applyOnce removes what it could set from both maps.
func (d *Device) applyOnce(pending map[string]int64, failed map[string]error) error {
	controls, err := d.controls()
	if err != nil {
		return err
	}
	rank := func(name string) int {
		if c, err := pick(controls, name); err != nil || !c.Leading {
			return 1
		}
		return 0
	}
	names := slices.SortedFunc(maps.Keys(pending), func(a, b string) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(a, b))
	})
	for _, name := range names {
		// Asked anew: the one before may have made it active, or moved its range.
		c, err := d.refresh(controls, name)
		if err == nil {
			_, err = d.set(c, pending[name])
		}
		switch {
		case err == nil:
			delete(pending, name)
			delete(failed, name)
		case gone(err):
			return err
		default:
			failed[name] = err
		}
	}
	return nil
}

// refresh asks for one control again.
func (d *Device) refresh(controls []control, name string) (control, error) {
	c, err := pick(controls, name)
	if err != nil {
		return c, d.fail("control", err)
	}
	query := d.queryControl
	if _, err := query(c.id); unsupported(err) {
		query = d.queryOldControl
	}
	raw, err := query(c.id)
	if err != nil {
		return c, d.refused(fmt.Sprintf("ask for %s of", c.Key), err)
	}
	again, err := d.describe(raw)
	again.Key = c.Key
	return again, err
}
