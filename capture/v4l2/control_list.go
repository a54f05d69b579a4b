package v4l2

import (
	"errors"
	"fmt"
	"strconv"
	"syscall"
	"unsafe"

	"github.com/pushcam/pushcam/capture"
)

// Controls lists the device's controls with their values, in the driver's
// order, without those that it disabled.
func (d *Device) Controls() ([]capture.Control, error) {
	controls, err := d.controls()
	return public(controls), err
}

func (d *Device) controls() ([]control, error) {
	controls, err := d.listControls(d.queryControl, controlNext|controlNextCompound)
	if err == nil && len(controls) == 0 {
		// Drivers, and kernels, without the newer query.
		controls, err = d.listControls(d.queryOldControl, controlNext)
	}
	if err != nil {
		return nil, d.fail("list the controls of", err)
	}
	names := map[string]int{}
	for i := range controls {
		c := &controls[i]
		if c.Key == "" {
			c.Key = fmt.Sprintf("control_%08x", c.id)
		}
		if names[c.Key]++; names[c.Key] > 1 {
			c.Key = fmt.Sprintf("%s_%08x", c.Key, c.id)
		}
	}
	return controls, nil
}

// listControls goes from one control to the next. Drivers that know no next
// have none that matter.
func (d *Device) listControls(query func(id uint32) (controlQuery, error), next uint32) ([]control, error) {
	var controls []control
	last := uint32(0)
	for range maxListed {
		raw, err := query(last | next)
		if ended(err) {
			break
		}
		if err != nil {
			return nil, err
		}
		if raw.id <= last {
			break // a driver that goes in circles
		}
		last = raw.id
		if raw.kind == kernelControlClass || raw.flags&controlDisabled != 0 {
			continue
		}
		c, err := d.describe(raw)
		if err != nil {
			return nil, err
		}
		controls = append(controls, c)
	}
	return controls, nil
}

func (d *Device) queryControl(id uint32) (controlQuery, error) {
	raw := controlQuery{id: id}
	err := d.ioctl(requestControl, unsafe.Pointer(&raw))
	return raw, err
}

func (d *Device) queryOldControl(id uint32) (controlQuery, error) {
	old := oldControlQuery{id: id}
	err := d.ioctl(requestOldControl, unsafe.Pointer(&old))
	raw := controlQuery{
		id: old.id, kind: old.kind, name: old.name, flags: old.flags,
		minimum: int64(old.minimum), maximum: int64(old.maximum), step: uint64(max(old.step, 0)), def: int64(old.def),
	}
	if old.kind == kernelBitmask {
		raw.maximum, raw.def = int64(uint32(old.maximum)), int64(uint32(old.def))
	}
	return raw, err
}

// describe reads the answer, the menu and the value.
func (d *Device) describe(raw controlQuery) (control, error) {
	c := control{id: raw.id, Control: capture.Control{
		Name: text(raw.name[:]), Type: controlType(raw.kind),
		Min: raw.minimum, Max: raw.maximum, Step: int64(min(raw.step, 1<<62)), Default: raw.def,
		ReadOnly: raw.flags&controlReadOnly != 0, WriteOnly: raw.flags&controlWriteOnly != 0,
		Inactive: raw.flags&controlInactive != 0, Busy: raw.flags&controlGrabbed != 0,
		Volatile: raw.flags&controlVolatile != 0, Leading: raw.flags&controlUpdate != 0 || isAutomatic(raw.id),
	}}
	c.Key = capture.ControlKey(c.Name)
	if raw.flags&controlHasPayload != 0 || raw.dimensions > 0 {
		c.Type = capture.ControlOpaque
	}
	if c.Type == capture.ControlMenu || c.Type == capture.ControlIntegerMenu {
		c.Menu = d.menu(c)
	}
	if !c.Readable() {
		return c, nil
	}
	value, err := d.read(c)
	if errors.Is(err, syscall.EACCES) {
		c.WriteOnly = true
	} else if err != nil {
		// One control that fails does not hide the others: UVC cameras have
		// some that stall. A device that is gone fails again.
		if gone(err) {
			return c, err
		}
		c.WriteOnly = true
	}
	c.Value = value
	return c, nil
}

// menu leaves out the indexes that the driver has no item for.
func (d *Device) menu(c control) []capture.MenuItem {
	var items []capture.MenuItem
	for n := range int64(maxListed) {
		i := c.Min + n
		if i < 0 || i > c.Max || i > 1<<32-1 {
			break
		}
		raw := menuQuery{id: c.id, index: uint32(i)}
		if d.ioctl(requestMenu, unsafe.Pointer(&raw)) != nil {
			continue
		}
		item := capture.MenuItem{Index: i, Name: text(raw.name[:])}
		if c.Type == capture.ControlIntegerMenu {
			item.Name = strconv.FormatInt(raw.value(), 10)
		}
		items = append(items, item)
	}
	return items
}

// read asks for a control's value.
func (d *Device) read(c control) (int64, error) {
	if c.Type != capture.ControlInteger64 {
		raw := controlValue{id: c.id}
		err := d.ioctl(requestGetControl, unsafe.Pointer(&raw))
		if c.Type == capture.ControlBitmask {
			return int64(uint32(raw.value)), err
		}
		return int64(raw.value), err
	}
	var value [8]byte
	err := d.wide(requestGetWide, c.id, &value)
	return nativeInt64(value[:]), err
}

// write sets a control, whatever its value.
func (d *Device) write(c control, value int64) error {
	if c.Type != capture.ControlInteger64 {
		raw := controlValue{id: c.id, value: int32(value)}
		return d.ioctl(requestSetControl, unsafe.Pointer(&raw))
	}
	var wide [8]byte
	putNativeInt64(wide[:], value)
	return d.wide(requestSetWide, c.id, &wide)
}

// controlClass is the part of an id that says which class it is of.
const controlClass = 0x0fff0000

// wide gets or sets a 64-bit value.
func (d *Device) wide(r request, id uint32, value *[8]byte) error {
	one := &wideControlValue{id: id, value: *value}
	all := &wideControlValues{which: id & controlClass, count: 1, controls: unsafe.Pointer(one)}
	err := d.ioctl(r, unsafe.Pointer(all))
	*value = one.value
	return err
}
