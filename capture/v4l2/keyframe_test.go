package v4l2

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
	"unsafe"
)

// fakeExtension is a camera's extension unit with one control, as uvcvideo lets
// it be reached.
type fakeExtension struct {
	unit, selector uint8
	length         uint16
	set            [][]byte // what was written
}

func (f *fake) handleExtension(q *extensionQuery) error {
	x := f.extension
	if x == nil {
		return syscall.ENOTTY
	}
	if q.unit != x.unit || q.selector != x.selector {
		return syscall.ENOENT
	}
	data := unsafe.Slice((*byte)(q.data), q.size)
	switch q.query {
	case uvcGetLength:
		if q.size != 2 {
			return syscall.EINVAL
		}
		data[0], data[1] = byte(x.length), byte(x.length>>8)
	case uvcSetCurrent:
		if q.size != x.length {
			return syscall.ENOBUFS
		}
		x.set = append(x.set, bytes.Clone(data))
	default:
		return syscall.EINVAL
	}
	return nil
}

// Descriptors of a camera with two functions; what does not matter is left out.
var (
	deviceDescriptor = append([]byte{18, 1}, make([]byte, 16)...)
	audioControl     = []byte{9, descriptorInterface, 0, 0, 0, 1, 1, 0, 0}
	otherControl     = []byte{9, descriptorInterface, 1, 0, 0, classVideo, subclassControl, 0, 0}
	videoControl     = []byte{9, descriptorInterface, 2, 0, 0, classVideo, subclassControl, 0, 0}
	videoStreaming   = []byte{9, descriptorInterface, 3, 0, 0, classVideo, 2, 0, 0}
	processingUnit   = []byte{11, descriptorClass, 5, 3, 1, 0, 0, 2, 0, 0, 0}
)

func extensionDescriptor(unit uint8, guid [16]byte) []byte {
	d := append([]byte{0, descriptorClass, descriptorExtension, unit}, guid[:]...)
	d = append(d, 1, 1, 3, 2, 0xff, 0xff, 0)
	d[0] = byte(len(d))
	return d
}

var descriptorTests = []struct {
	name string
	data []byte
	unit uint8 // 0: none
}{
	{"there", slices.Concat(deviceDescriptor, audioControl, videoControl, processingUnit, extensionDescriptor(12, h264Unit()), videoStreaming), 12},
	{"behind another unit", slices.Concat(deviceDescriptor, videoControl, extensionDescriptor(4, [16]byte{1}), extensionDescriptor(12, h264Unit())), 12},
	{"of the camera beside it", slices.Concat(deviceDescriptor, otherControl, extensionDescriptor(12, h264Unit()), videoControl, processingUnit), 0},
	{"each camera its own", slices.Concat(otherControl, extensionDescriptor(12, h264Unit()), videoControl, extensionDescriptor(13, h264Unit())), 13},
	{"outside of the control interface", slices.Concat(videoControl, videoStreaming, extensionDescriptor(12, h264Unit())), 0},
	{"none", slices.Concat(deviceDescriptor, videoControl, processingUnit), 0},
	{"cut short", slices.Concat(videoControl, extensionDescriptor(12, h264Unit()))[:20], 0},
	{"a length of zero", slices.Concat([]byte{0, 0}, videoControl, extensionDescriptor(12, h264Unit())), 0},
	{"too short for a GUID", slices.Concat(videoControl, []byte{5, descriptorClass, descriptorExtension, 12, 0x41}), 0},
	{"empty", nil, 0},
}

func TestFindExtension(t *testing.T) {
	for _, tt := range descriptorTests {
		t.Run(tt.name, func(t *testing.T) {
			unit, ok := findExtension(tt.data, 2, h264Unit())
			if unit != tt.unit || ok != (tt.unit != 0) {
				t.Errorf("unit %d, %v; want %d", unit, ok, tt.unit)
			}
		})
	}
}

func FuzzFindExtension(f *testing.F) {
	for _, tt := range descriptorTests {
		f.Add(tt.data)
	}
	f.Fuzz(func(_ *testing.T, data []byte) { findExtension(data, 2, h264Unit()) })
}

// showDescriptors makes sysfs show the fake as interface 2 of a USB device.
func showDescriptors(t *testing.T, s system, path string, descriptors []byte) {
	t.Helper()
	usb := filepath.Join(s.root, "sys", "devices", "usb1", "1-1")
	class := filepath.Join(s.root, "sys", "class", "video4linux", filepath.Base(path))
	for _, err := range []error{
		os.MkdirAll(filepath.Join(usb, "1-1:1.2"), 0o755),
		os.MkdirAll(class, 0o755),
		os.WriteFile(filepath.Join(usb, "descriptors"), descriptors, 0o600),
		os.WriteFile(filepath.Join(usb, "1-1:1.2", "bInterfaceNumber"), []byte("02\n"), 0o600),
		os.Symlink(filepath.Join(usb, "1-1:1.2"), filepath.Join(class, "device")),
		os.WriteFile(path, nil, 0o600),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
}

func TestKeyframeRequest(t *testing.T) {
	there := descriptorTests[0].data
	button := func(flags uint32) []*fakeControl {
		return []*fakeControl{{controlQuery: controlQuery{id: controlForceKeyframe, kind: kernelButton, maximum: 1, flags: flags}}}
	}
	for _, tt := range []struct {
		name        string
		controls    []*fakeControl
		old         bool
		descriptors []byte
		extension   *fakeExtension
		byControl   bool
		byExtension bool
	}{
		{name: "neither"},
		{name: "the kernel's control", controls: button(controlWriteOnly), byControl: true},
		{name: "the control of an old driver", controls: button(0), old: true, byControl: true},
		{name: "the control goes before the unit", controls: button(0), descriptors: there, extension: &fakeExtension{unit: 12, selector: 9, length: 4}, byControl: true},
		{name: "a control that is disabled", controls: button(controlDisabled)},
		{name: "the extension unit", descriptors: there, extension: &fakeExtension{unit: 12, selector: 9, length: 4}, byExtension: true},
		{name: "a unit without the control", descriptors: there, extension: &fakeExtension{unit: 12, selector: 3, length: 4}},
		{name: "a control of another length", descriptors: there, extension: &fakeExtension{unit: 12, selector: 9, length: 46}},
		{name: "a driver without extensions", descriptors: there},
		{name: "no such unit", descriptors: descriptorTests[5].data, extension: &fakeExtension{unit: 12, selector: 9, length: 4}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := newFake(discrete(H264, 1280, 720))
			f.controls, f.oldControls, f.extension = tt.controls, tt.old, tt.extension
			s := f.system(t)
			path := filepath.Join(s.root, "video0")
			if tt.descriptors != nil {
				showDescriptors(t, s, path, tt.descriptors)
			}
			d, err := s.device(path)
			if err != nil {
				t.Fatal(err)
			}
			ask := d.KeyframeRequest()
			if (ask != nil) != (tt.byControl || tt.byExtension) {
				t.Fatalf("can be asked: %v", ask != nil)
			}
			if ask != nil {
				for range 2 {
					if err := ask(); err != nil {
						t.Error(err)
					}
				}
			}
			if tt.byControl && f.controls[0].writes != 2 {
				t.Errorf("control written %d times", f.controls[0].writes)
			}
			if x := tt.extension; tt.byExtension && (len(x.set) != 2 || !bytes.Equal(x.set[0], []byte{0, 0, 2, 0})) {
				t.Errorf("written to the unit: %x", x.set)
			} else if x != nil && !tt.byExtension && len(x.set) > 0 {
				t.Errorf("written to a unit that is not asked: %x", x.set)
			}
			if err := d.Close(); err != nil {
				t.Error(err)
			}
			if ask != nil {
				if err := ask(); !errors.Is(err, ErrClosed) {
					t.Errorf("after Close: %v, want %v", err, ErrClosed)
				}
			}
			f.check(t)
		})
	}
}
