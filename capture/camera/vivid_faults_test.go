//go:build vivid

package camera

import (
	"bytes"
	"os"
	"testing"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/pushcam/pushcam/capture"
)

// These are ioctls of linux/videodev2.h.
const (
	vidiocSetControl    = 0xc008561c // struct v4l2_control
	vidiocQueryControl  = 0xc0445624 // struct v4l2_queryctrl
	nextControl         = 0x80000000 // V4L2_CTRL_FLAG_NEXT_CTRL
	controlNameCapacity = 32
)

// setControl sets a control of the device by its name, as the numbers of
// vivid's own ones are no promise.
func setControl(t *testing.T, name string, value int32) {
	t.Helper()
	device, err := os.OpenFile("/dev/video0", os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer device.Close()
	ioctl := func(request uintptr, argument unsafe.Pointer) error {
		if _, _, errno := unix.Syscall(unix.SYS_IOCTL, device.Fd(), request, uintptr(argument)); errno != 0 {
			return errno
		}
		return nil
	}
	var query struct {
		id, kind                    uint32
		name                        [controlNameCapacity]byte
		minimum, maximum, step, def int32
		flags                       uint32
		reserved                    [2]uint32
	}
	for {
		query.id |= nextControl
		if err := ioctl(vidiocQueryControl, unsafe.Pointer(&query)); err != nil {
			t.Fatalf("control %q: %v", name, err)
		}
		if found, _, _ := bytes.Cut(query.name[:], []byte{0}); string(found) == name {
			break
		}
	}
	control := struct {
		id    uint32
		value int32
	}{query.id, value}
	if err := ioctl(vidiocSetControl, unsafe.Pointer(&control)); err != nil {
		t.Fatalf("control %q: set %d: %v", name, value, err)
	}
}

func readOne(t *testing.T, r capture.FrameReader) {
	t.Helper()
	f, err := r.Read()
	if err != nil {
		t.Fatal(err)
	}
	f.Release()
}

// A camera that hangs says nothing; it has to be noticed, and given up soon.
func TestVividStall(t *testing.T) {
	_, r := openVivid(t, Config{Wish: quick})
	readOne(t, r)
	setControl(t, "Percentage of Dropped Buffers", 100)
	defer setControl(t, "Percentage of Dropped Buffers", 0)
	start := time.Now()
	var err error
	for err == nil {
		var f *capture.Frame
		if f, err = r.Read(); err == nil {
			f.Release()
		}
	}
	if took := time.Since(start); took < nextPictureLimit || took > nextPictureLimit+5*time.Second {
		t.Errorf("stall noticed after %v: %v", took, err)
	}
	t.Logf("stalled: %v", err)
	if err := r.Close(); err != nil {
		t.Error(err)
	}

	_, r = openVivid(t, Config{Wish: quick})
	start = time.Now()
	if err := r.Close(); err != nil {
		t.Error(err)
	}
	if took := time.Since(start); took > 3*time.Second {
		t.Errorf("Close of a camera that hangs took %v", took)
	}
}

// A picture that the driver flags as broken, and one error of its queue.
func TestVividInjectedErrors(t *testing.T) {
	for _, tt := range []struct {
		control string
		fatal   bool
	}{
		{"Inject V4L2_BUF_FLAG_ERROR", false},
		{"Inject Fatal Streaming Error", true},
	} {
		t.Run(tt.control, func(t *testing.T) {
			_, r := openVivid(t, Config{Wish: quick})
			readOne(t, r)
			setControl(t, tt.control, 1)
			var err error
			for range 5 {
				var f *capture.Frame
				if f, err = r.Read(); err != nil {
					break
				}
				f.Release()
			}
			if tt.fatal != (err != nil) {
				t.Errorf("Read: %v, want an error: %v", err, tt.fatal)
			}
			t.Logf("%v", err)
		})
	}
	_, r := openVivid(t, Config{Wish: quick})
	readOne(t, r)
}

// A start that fails must not spoil the next one.
func TestVividFailedStart(t *testing.T) {
	for _, control := range []string{"Inject VIDIOC_REQBUFS Error", "Inject VIDIOC_QBUF Error", "Inject VIDIOC_STREAMON Error"} {
		t.Run(control, func(t *testing.T) {
			setControl(t, control, 1)
			c := New(Config{Wish: quick})
			if r, err := c.Open(t.Context()); err == nil {
				_ = r.Close()
				t.Fatal("Open: no error")
			} else {
				t.Log(err)
			}
			r, err := c.Open(t.Context())
			if err != nil {
				t.Fatalf("Open after a failed one: %v", err)
			}
			readOne(t, r)
			if err := r.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}
