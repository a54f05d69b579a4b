package v4l2

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"unsafe"
)

// USB cameras have controls beside those that the kernel knows, in extension
// units (USB Device Class Definition for Video Devices 1.5, section 2.3.2.6). The
// kernel's document "userspace-api/media/drivers/uvcvideo" says how to reach
// them.

// extensionQuery is struct uvc_xu_control_query.
type extensionQuery struct {
	unit     uint8
	selector uint8
	query    uint8
	size     uint16
	data     unsafe.Pointer // to size bytes
}

// requestExtension is UVCIOC_CTRL_QUERY.
const requestExtension = request(readWrite | uint32(unsafe.Sizeof(extensionQuery{}))<<argumentBits | uint32('u')<<8 | 0x21)

// Requests of linux/usb/video.h.
const (
	uvcSetCurrent = 0x01
	uvcGetLength  = 0x85
)

// extension makes a query about a control of an extension unit; data is written
// or read.
func (d *Device) extension(unit, selector, query uint8, data []byte) error {
	q := &extensionQuery{
		unit: unit, selector: selector, query: query,
		size: uint16(len(data)), data: unsafe.Pointer(unsafe.SliceData(data)),
	}
	return d.ioctl(requestExtension, unsafe.Pointer(q))
}

// Descriptors of linux/usb/ch9.h and linux/usb/video.h: type, subtype, class.
const (
	descriptorInterface = 0x04
	descriptorClass     = 0x24 // class-specific, within an interface
	descriptorExtension = 0x06
	classVideo          = 0x0e
	subclassControl     = 0x01
)

// maxDescriptors bounds what is read of a device: a camera has some hundred to
// some thousand bytes.
const maxDescriptors = 64 << 10

// extensionUnit finds the unit with this GUID in a USB camera's descriptors, by
// the copy that the kernel shows in sysfs.
func (s system) extensionUnit(path string, guid [16]byte) (unit uint8, err error) {
	node, err := filepath.EvalSymlinks(path)
	if err != nil {
		return 0, err
	}
	// It leads to the interface; the device that has it is above.
	function, err := filepath.EvalSymlinks(filepath.Join(s.root, "sys", "class", "video4linux", filepath.Base(node), "device"))
	if err != nil {
		return 0, err
	}
	number, err := os.ReadFile(filepath.Join(function, "bInterfaceNumber"))
	if err != nil {
		return 0, err // no USB
	}
	wanted, err := strconv.ParseUint(strings.TrimSpace(string(number)), 16, 8)
	if err != nil {
		return 0, err
	}
	file, err := os.Open(filepath.Join(filepath.Dir(function), "descriptors"))
	if err != nil {
		return 0, err
	}
	defer file.Close()
	descriptors, err := io.ReadAll(io.LimitReader(file, maxDescriptors))
	if err != nil {
		return 0, err
	}
	unit, ok := findExtension(descriptors, uint8(wanted), guid)
	if !ok {
		return 0, fmt.Errorf("no extension unit %x", guid)
	}
	return unit, nil
}

// findExtension walks a device's descriptors (USB 2.0 section 9.5): each begins
// with its length and type. A camera's unit is described within the interface
// that controls it: bUnitID is at 3, guidExtensionCode at 4 (section 3.7.2.7).
func findExtension(descriptors []byte, number uint8, guid [16]byte) (unit uint8, ok bool) {
	inside := false
	for len(descriptors) >= 2 {
		n := int(descriptors[0])
		if n < 2 || n > len(descriptors) {
			return 0, false
		}
		d := descriptors[:n]
		descriptors = descriptors[n:]
		switch {
		case d[1] == descriptorInterface && n >= 9:
			inside = d[2] == number && d[5] == classVideo && d[6] == subclassControl
		case inside && d[1] == descriptorClass && n >= 20 && d[2] == descriptorExtension && bytes.Equal(d[4:20], guid[:]):
			return d[3], true
		}
	}
	return 0, false
}
