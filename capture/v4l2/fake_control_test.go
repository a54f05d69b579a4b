package v4l2

import (
	"syscall"
	"unsafe"
)

// fakeControl is a control with the kernel framework's behavior.
type fakeControl struct {
	controlQuery
	menu  map[uint32]string
	value int64
	// blocks is inactive while value is not off.
	blocks uint32
	off    int64
	writes int
}

func (f *fake) control(id uint32) *fakeControl {
	for _, c := range f.controls {
		if c.id == id {
			return c
		}
	}
	return nil
}

// query finds the control, or the one after it.
func (f *fake) query(id uint32) *fakeControl {
	next := id&(controlNext|controlNextCompound) != 0
	id &^= controlNext | controlNextCompound
	for _, c := range f.controls {
		if c.id == id && !next || c.id > id && next {
			return c
		}
	}
	return nil
}

func (f *fake) activate() {
	for _, c := range f.controls {
		if blocked := f.control(c.blocks); c.blocks != 0 && blocked != nil {
			blocked.flags &^= controlInactive
			if c.value != c.off {
				blocked.flags |= controlInactive
			}
		}
	}
}

func (f *fake) handleControl(r request, argument unsafe.Pointer) error {
	f.activate()
	switch r {
	case requestControl:
		if f.oldControls {
			return syscall.ENOTTY
		}
		q := (*controlQuery)(argument)
		c := f.query(q.id)
		if c == nil {
			return syscall.EINVAL
		}
		*q = c.controlQuery
		return nil
	case requestOldControl:
		q := (*oldControlQuery)(argument)
		c := f.query(q.id)
		if c == nil {
			return syscall.EINVAL
		}
		*q = oldControlQuery{
			id: c.id, kind: c.kind, name: c.name, flags: c.flags,
			minimum: int32(c.minimum), maximum: int32(c.maximum), step: int32(c.step), def: int32(c.def),
		}
		return nil
	case requestMenu:
		m := (*menuQuery)(argument)
		c := f.control(m.id)
		if c == nil || c.menu[m.index] == "" {
			return syscall.EINVAL
		}
		if c.kind == kernelIntegerMenu {
			putNativeInt64(m.name[:8], int64(m.index)*100)
		} else {
			copy(m.name[:], c.menu[m.index])
		}
		return nil
	case requestGetControl, requestSetControl:
		v := (*controlValue)(argument)
		value := int64(v.value)
		err := f.access(r == requestSetControl, v.id, &value)
		v.value = int32(value)
		return err
	case requestGetWide, requestSetWide:
		all := (*wideControlValues)(argument)
		one := (*wideControlValue)(all.controls)
		value := nativeInt64(one.value[:])
		err := f.access(r == requestSetWide, one.id, &value)
		putNativeInt64(one.value[:], value)
		return err
	default:
		return syscall.ENOTTY
	}
}

func (f *fake) access(set bool, id uint32, value *int64) error {
	c := f.control(id)
	switch {
	case c == nil:
		return syscall.EINVAL
	case !set && c.flags&controlWriteOnly != 0, set && c.flags&controlReadOnly != 0:
		return syscall.EACCES
	case set && c.flags&controlGrabbed != 0:
		return syscall.EBUSY
	case !set:
		*value = c.value
		return nil
	}
	if c.kind == kernelBitmask {
		c.value = int64(uint32(*value))
		*value = c.value
		return nil
	}
	v := min(max(*value, c.minimum), c.maximum)
	if c.step > 1 {
		v = c.minimum + (v-c.minimum+int64(c.step)/2)/int64(c.step)*int64(c.step)
	}
	c.value, *value = v, v
	c.writes++
	f.activate()
	return nil
}
