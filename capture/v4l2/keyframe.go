package v4l2

import (
	"encoding/binary"
	"errors"
	"unsafe"
)

// The extension unit of USB cameras that encode H.264, and its control for the
// kind of the next picture (USB Video Payload H.264 1.00, sections 3.3 and
// 3.3.9).
const (
	pictureTypeSelector = 0x09 // UVCX_PICTURE_TYPE_CONTROL
	pictureTypeIDR      = 0x0002
)

// h264Unit is {A29E7641-DE04-47E3-8B2B-F4341AFF003B}, in the byte order of
// descriptors.
func h264Unit() [16]byte {
	return [16]byte{0x41, 0x76, 0x9e, 0xa2, 0x04, 0xde, 0xe3, 0x47, 0x8b, 0x2b, 0xf4, 0x34, 0x1a, 0xff, 0x00, 0x3b}
}

// pictureType is uvcx_picture_type_control_t: wLayerID, 0 for all layers, and
// wPicType, where 2 asks for an IDR picture with new parameter sets. Both are
// little-endian, as all is on USB.
type pictureType [4]byte

// KeyframeRequest returns how to ask the device for a keyframe soon, or nil when
// it cannot be asked: by the control of the kernel's interface, else by the
// extension unit of USB cameras. It may be called by any goroutine, also after
// Close, when it fails.
func (d *Device) KeyframeRequest() func() error {
	if d.hasKeyframeControl() {
		return func() error { return d.asked(d.pressKeyframe()) }
	}
	unit, err := d.keyframeUnit()
	if err != nil {
		return nil // it has none
	}
	return func() error {
		var p pictureType
		binary.LittleEndian.PutUint16(p[2:], pictureTypeIDR)
		return d.asked(d.extension(unit, pictureTypeSelector, uvcSetCurrent, p[:]))
	}
}

func (d *Device) asked(err error) error {
	if err != nil {
		return d.fail("ask for a keyframe", err)
	}
	return nil
}

func (d *Device) hasKeyframeControl() bool {
	q := controlQuery{id: controlForceKeyframe}
	err := d.ioctl(requestControl, unsafe.Pointer(&q))
	if unsupported(err) {
		old := oldControlQuery{id: controlForceKeyframe}
		err = d.ioctl(requestOldControl, unsafe.Pointer(&old))
		q.flags = old.flags
	}
	return err == nil && q.flags&(controlDisabled|controlReadOnly) == 0
}

func (d *Device) pressKeyframe() error {
	v := controlValue{id: controlForceKeyframe, value: 1}
	return d.ioctl(requestSetControl, unsafe.Pointer(&v))
}

// keyframeUnit finds the extension unit, and asks whether its control is what it
// should be.
func (d *Device) keyframeUnit() (uint8, error) {
	unit, err := d.machine.extensionUnit(d.path, h264Unit())
	if err != nil {
		return 0, err
	}
	var length [2]byte
	if err := d.extension(unit, pictureTypeSelector, uvcGetLength, length[:]); err != nil {
		return 0, err
	}
	if int(binary.LittleEndian.Uint16(length[:])) != len(pictureType{}) {
		return 0, errors.New("the picture type control has another layout")
	}
	return unit, nil
}

// KeyframeRequest is the Device's.
func (b *Buffer) KeyframeRequest() func() error { return b.queue.device.KeyframeRequest() }
