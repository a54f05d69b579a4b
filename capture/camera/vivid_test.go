//go:build vivid

package camera

import (
	"errors"
	"image"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pushcam/pushcam/capture"
	"github.com/pushcam/pushcam/capture/capturetest"
	"github.com/pushcam/pushcam/capture/v4l2"
	"github.com/pushcam/pushcam/capture/yuv"
)

// These tests need the kernel's virtual camera, vivid, as /dev/video0, and
// may unplug it: cmd/pushcam/lab runs them in a virtual machine.

// vivid is Linux's cameras as cmd/pushcam joins them, without JPEG, which the
// device has only as an empty name.
func vivid() System {
	return System{
		Register: v4l2.Register,
		Decode: func(pool *capture.FramePool, img image.Image) (*capture.Frame, error) {
			b := img.(*v4l2.Buffer)
			p := yuv.Picture{Format: yuv.I420, Size: b.Format().Size}
			for i, plane := range b.Planes() {
				p.Planes[i] = yuv.Plane(plane)
			}
			f := pool.Get(p.Size)
			f.Time = b.Time()
			return f, yuv.Convert(f, p)
		},
		Final: func(error) bool { return true },
	}
}

// quick is a mode that an emulated processor keeps up with.
var quick = Wish{Size: capture.Size{Width: 320, Height: 180}, FrameRate: 15}

func openVivid(t *testing.T, cfg Config) (*Camera, capture.FrameReader) {
	t.Helper()
	cfg.System = vivid()
	c := New(cfg)
	r, err := c.Open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
	return c, r
}

func TestVividList(t *testing.T) {
	devices, err := List(vivid())
	if err != nil {
		t.Fatal(err)
	}
	if len(devices) != 1 {
		t.Fatalf("List: %v, want one device", devices)
	}
	d := devices[0]
	if d.Title != "vivid" || d.Path != "/dev/video0" || d.Name != "video0" || d.Bus != "platform:vivid-000" || d.Err != nil {
		t.Errorf("device %+v", d)
	}
	choice, err := Choose(d.Modes, Wish{Size: capture.Size{Width: 640, Height: 360}, FrameRate: 15})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%v: %d modes, %s", d, len(d.Modes), choice.Reason)
	if want := "640x360 as asked, 15 fps as asked, I420: costs less than MJPEG"; !strings.HasPrefix(choice.Reason, "640x360 as asked, 15 fps as asked, I420: costs less than") {
		t.Errorf("choice %q, want about %q", choice.Reason, want)
	}
	for _, format := range []string{"I420", "NV12", "YUYV"} {
		if !slices.Contains(d.Modes, mode640(format)) {
			t.Errorf("no mode %+v in %+v", mode640(format), d.Modes)
		}
	}
}

func mode640(format string) capture.Mode {
	return capture.Mode{Size: capture.Size{Width: 640, Height: 360}, FrameRate: 15, Format: format}
}

func TestVividConforms(t *testing.T) {
	capturetest.CameraConformanceLive(t, func(*testing.T) capture.Camera {
		return New(Config{Device: "vivid", Wish: quick, System: vivid()})
	})
}

// The test picture of vivid is colour bars: many values in each plane.
func TestVividFrames(t *testing.T) {
	_, r := openVivid(t, Config{Device: "/dev/video0", Wish: Wish{Size: capture.Size{Width: 640, Height: 360}, FrameRate: 15}})
	var first, last time.Time
	for i := range 30 {
		f, err := r.Read()
		if err != nil {
			t.Fatal(err)
		}
		if f.Size != (capture.Size{Width: 640, Height: 360}) {
			t.Fatalf("frame %d is %v", i, f.Size)
		}
		for name, plane := range map[string][]byte{"Y": f.Y, "U": f.U, "V": f.V} {
			if lo, hi := slices.Min(plane), slices.Max(plane); hi-lo < 100 {
				t.Fatalf("frame %d: plane %s goes from %d to %d, want colour bars", i, name, lo, hi)
			}
		}
		if i == 0 {
			first = f.Time
		}
		last = f.Time
		f.Release()
	}
	t.Logf("30 frames of %v, one every %v", r.Mode().Size, last.Sub(first)/29)
}

func TestVividBusy(t *testing.T) {
	openVivid(t, Config{Device: "0", Wish: quick})
	_, err := New(Config{Device: "0", Wish: quick, System: vivid()}).Open(t.Context())
	if err == nil || !strings.Contains(err.Error(), "another program uses /dev/video0") {
		t.Errorf("second Open: %v", err)
	}
}

// TestVividPermission runs as another user than the rest.
func TestVividPermission(t *testing.T) {
	devices, err := List(vivid())
	if err != nil || len(devices) != 1 || devices[0].Err == nil {
		t.Fatalf("List: %v, %v; want one device with an error", devices, err)
	}
	_, err = New(Config{System: vivid()}).Open(t.Context())
	if err == nil || !strings.Contains(err.Error(), "usermod -aG video") {
		t.Errorf("Open: %v", err)
	}
}

func bind(t *testing.T, action string) {
	t.Helper()
	if err := os.WriteFile("/sys/bus/platform/drivers/vivid/"+action, []byte("vivid.0"), 0); err != nil {
		t.Fatal(err)
	}
}

func TestVividUnplug(t *testing.T) {
	c, r := openVivid(t, Config{Wish: quick})
	f, err := r.Read()
	if err != nil {
		t.Fatal(err)
	}
	f.Release()

	bind(t, "unbind")
	for err == nil {
		if f, err = r.Read(); err == nil {
			f.Release()
		}
	}
	t.Logf("unplugged: %v", err)
	if !strings.Contains(err.Error(), "reconnect") {
		t.Errorf("Read of an unplugged camera: %v", err)
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
	if _, err := c.Open(t.Context()); !errors.Is(err, ErrNoCamera) {
		t.Errorf("Open of an unplugged camera: %v, want %v", err, ErrNoCamera)
	}

	bind(t, "bind")
	again, err := c.Open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if f, err = again.Read(); err != nil {
		t.Fatal(err)
	}
	f.Release()
	if err := again.Close(); err != nil {
		t.Error(err)
	}
}
