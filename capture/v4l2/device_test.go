package v4l2

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"unsafe"

	"github.com/pushcam/pushcam/capture"
)

func openFake(t *testing.T, f *fake) *Device {
	t.Helper()
	d, err := f.system(t).device("/dev/video0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = d.Close()
		f.check(t)
	})
	return d
}

func TestOnlyCamerasOpen(t *testing.T) {
	for _, tt := range []struct {
		name string
		caps uint32
		says string // "" for a camera
	}{
		{"camera", capVideoCapture | capStreaming, ""},
		{"multi-planar camera", capVideoCaptureMulti | capStreaming, ""},
		{"behind a pipeline", capVideoCapture | capStreaming | capMediaController, ""},
		{"metadata", 0x00800000 | capStreaming, "captures no video"},
		{"output", 0x2 | capStreaming, "captures no video"},
		{"codec", capVideoM2MMulti | capStreaming, "converts"},
		{"codec that says capture, too", capVideoM2M | capVideoCapture | capStreaming, "converts"},
		{"read only", capVideoCapture | 0x01000000, "no streaming"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := newFake()
			f.caps = tt.caps
			d, err := f.system(t).device("/dev/video0")
			if tt.says == "" {
				if err != nil {
					t.Fatal(err)
				}
				if n := d.Node(); n.Card != "ACME Webcam" || n.Bus != "usb-0000:00:14.0-1" || n.Driver != "fake" || n.NeedsPipeline != (tt.caps&capMediaController != 0) {
					t.Errorf("node %+v", n)
				}
				_ = d.Close()
			} else if !errors.Is(err, ErrNotCamera) || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("open: %v, want %v that says %q", err, ErrNotCamera, tt.says)
			}
			f.check(t)
		})
	}
}

func TestErrorsSayWhatToDo(t *testing.T) {
	for errno, says := range map[syscall.Errno]string{
		syscall.EACCES: "usermod -aG video", syscall.EPERM: "usermod -aG video", syscall.EBUSY: "fuser -v /dev/video0",
		syscall.ENODEV: "reconnect", syscall.ENXIO: "reconnect", syscall.ENOENT: "reconnect",
		syscall.ENOSPC: "smaller size", syscall.EIO: "another cable or port", syscall.EINVAL: "another size or rate",
		syscall.ENOMEM: "cma=", syscall.EMFILE: "ulimit -n",
	} {
		f := newFake()
		f.failAt, f.failWith = 1, errno
		_, err := f.system(t).device("/dev/video0")
		if !errors.Is(err, errno) || !strings.Contains(err.Error(), says) || !strings.HasPrefix(err.Error(), "open /dev/video0: ") {
			t.Errorf("%v: error %q does not say %q", errno, err, says)
		}
		if (errno == syscall.EACCES) != errors.Is(err, fs.ErrPermission) && errno != syscall.EPERM {
			t.Errorf("%v: is a permission error: %v", errno, err)
		}
	}
}

func TestList(t *testing.T) {
	root := t.TempDir()
	for _, name := range []string{"dev/video0", "dev/video10", "dev/video2", "dev/video3", "dev/video4", "dev/video5", "dev/videodev", "dev/v4l/by-id/x", "dev/v4l/by-path/x"} {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(root, name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(root, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for link, target := range map[string]string{
		"by-id/usb-ACME_Webcam-video-index0":   "../../video10",
		"by-id/usb-ZZZ_same-video-index0":      "../../video10",
		"by-id/usb-bad;name":                   "../../video0",
		"by-path/pci-0-usb-0:1-video-index0":   "../../video10",
		"by-path/platform-fe801000.csi-index0": "../../video2",
	} {
		if err := os.Symlink(target, filepath.Join(root, "dev", "v4l", filepath.FromSlash(link))); err != nil {
			t.Fatal(err)
		}
	}
	class := filepath.Join(root, "sys", "class", "video4linux", "video3")
	if err := os.MkdirAll(class, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(class, "name"), []byte("Locked Webcam\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	camera, metadata := newFake(), newFake()
	metadata.caps = 0x00800000 | capStreaming
	s := system{root: root, monotonic: camera.monotonic, open: func(path string) (node, error) {
		switch filepath.Base(path) {
		case "video3":
			return nil, syscall.EACCES
		case "video4":
			return nil, syscall.ENODEV
		case "video5":
			return metadata.open()
		}
		return camera.open()
	}}
	nodes, err := s.list()
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, n := range nodes {
		names = append(names, filepath.Base(n.Path)+" "+n.Name()+" "+n.Card)
	}
	want := []string{
		"video0 video0 ACME Webcam", "video2 platform-fe801000.csi-index0 ACME Webcam",
		"video3 video3 Locked Webcam", "video10 usb-ACME_Webcam-video-index0 ACME Webcam",
	}
	if !slices.Equal(names, want) {
		t.Errorf("list %q, want %q", names, want)
	}
	if nodes[2].Err == nil || nodes[3].ByPath != "pci-0-usb-0:1-video-index0" {
		t.Errorf("nodes %+v", nodes)
	}
	camera.check(t)
	metadata.check(t)
}

// The driver's answer counts, not what was asked.
func TestSetFormat(t *testing.T) {
	f := newFake(fakeFormat{pixelFormat: YUYV, sizes: []capture.Size{{Width: 640, Height: 480}, {Width: 320, Height: 240}}}, discrete(MJPEG, 1280, 720))
	f.answer = func(r request, argument unsafe.Pointer) {
		if r == requestSetFormat {
			s := (*pictureFormat)(argument).single()
			s.colorspace, s.quantization, s.encoding = colorspaceREC709, 0, 0
		}
	}
	d := openFake(t, f)
	for _, tt := range []struct {
		format PixelFormat
		size   capture.Size
		want   string
		stride int
	}{
		{YUYV, capture.Size{Width: 320, Height: 240}, "320x240 YUYV", 640},
		{YUYV, capture.Size{Width: 1920, Height: 1080}, "640x480 YUYV", 1280},
		{MJPEG, capture.Size{Width: 1, Height: 1}, "1280x720 MJPG", 0},
		{H264, capture.Size{Width: 320, Height: 240}, "320x240 YUYV", 640},
	} {
		got, err := d.SetFormat(tt.format, tt.size)
		if err != nil || got.String() != tt.want || got.Memory[0].Stride != tt.stride {
			t.Errorf("SetFormat(%v, %v) = %v with rows of %v, %v; want %s with %d", tt.format, tt.size, got, got.Memory, err, tt.want, tt.stride)
		}
		if jpeg := got.PixelFormat == MJPEG; got.FullRange != jpeg || (got.Matrix == BT601) != jpeg {
			t.Errorf("%v: full range %v, %v", got, got.FullRange, got.Matrix)
		}
	}
	if got, err := d.SetInterval(Interval{1, 15}); err != nil || got != (Interval{1, 15}) {
		t.Errorf("SetInterval: %v, %v", got, err)
	}
	f.refuse[requestSetParameters] = []error{syscall.ENOTTY}
	if got, err := d.SetInterval(Interval{1, 30}); err != nil || got != (Interval{1, 15}) {
		t.Errorf("SetInterval where it cannot be set: %v, %v; want what it is", got, err)
	}
}

func TestModes(t *testing.T) {
	f := newFake(
		discrete(MJPEG, 1280, 720),
		fakeFormat{pixelFormat: YUYV, kind: kindStepwise, ranges: &rangeOfSizes{320, 1290, 160, 180, 730, 90},
			between: &frameInterval{kind: kindStepwise, min: Interval{1, 60}, max: Interval{1, 10}, step: Interval{1, 60}}},
		fakeFormat{pixelFormat: NV12, kind: kindContinuous, ranges: &rangeOfSizes{16, 200, 0, 16, 150, 0},
			between: &frameInterval{kind: kindContinuous, min: Interval{2, 50}, max: Interval{1, 5}}},
		fakeFormat{pixelFormat: GREY, sizes: []capture.Size{{Width: 640, Height: 480}}},
	)
	d := openFake(t, f)
	modes, err := d.Modes()
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, m := range modes {
		got = append(got, m.String())
	}
	want := []string{
		"1280x720 MJPG at 30 fps", "1280x720 MJPG at 15 fps",
		// On the steps of 160 and 90, and 1/60 s; and the largest, which is not.
		"320x180 YUYV at 60 fps", "320x180 YUYV at 30 fps", "320x180 YUYV at 20 fps", "320x180 YUYV at 15 fps", "320x180 YUYV at 10 fps",
		"480x270 YUYV at 60 fps", "480x270 YUYV at 30 fps", "480x270 YUYV at 20 fps", "480x270 YUYV at 15 fps", "480x270 YUYV at 10 fps",
		"640x360 YUYV at 60 fps", "640x360 YUYV at 30 fps", "640x360 YUYV at 20 fps", "640x360 YUYV at 15 fps", "640x360 YUYV at 10 fps",
		"960x540 YUYV at 60 fps", "960x540 YUYV at 30 fps", "960x540 YUYV at 20 fps", "960x540 YUYV at 15 fps", "960x540 YUYV at 10 fps",
		"960x720 YUYV at 60 fps", "960x720 YUYV at 30 fps", "960x720 YUYV at 20 fps", "960x720 YUYV at 15 fps", "960x720 YUYV at 10 fps",
		"1280x720 YUYV at 60 fps", "1280x720 YUYV at 30 fps", "1280x720 YUYV at 20 fps", "1280x720 YUYV at 15 fps", "1280x720 YUYV at 10 fps",
		"1290x730 YUYV at 60 fps", "1290x730 YUYV at 30 fps", "1290x730 YUYV at 20 fps", "1290x730 YUYV at 15 fps", "1290x730 YUYV at 10 fps",
		"160x120 NV12 at 25 fps", "160x120 NV12 at 24 fps", "160x120 NV12 at 20 fps", "160x120 NV12 at 15 fps", "160x120 NV12 at 10 fps", "160x120 NV12 at 5 fps",
		"176x144 NV12 at 25 fps", "176x144 NV12 at 24 fps", "176x144 NV12 at 20 fps", "176x144 NV12 at 15 fps", "176x144 NV12 at 10 fps", "176x144 NV12 at 5 fps",
		"200x150 NV12 at 25 fps", "200x150 NV12 at 24 fps", "200x150 NV12 at 20 fps", "200x150 NV12 at 15 fps", "200x150 NV12 at 10 fps", "200x150 NV12 at 5 fps",
		"640x480 GREY",
	}
	if !slices.Equal(got, want) {
		t.Errorf("modes\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// Drivers without VIDIOC_ENUM_FRAMESIZES are asked for sizes one by one.
func TestModesWithoutAList(t *testing.T) {
	f := newFake(fakeFormat{pixelFormat: YUYV, sizes: []capture.Size{{Width: 640, Height: 480}, {Width: 720, Height: 576}, {Width: 111, Height: 222}}})
	f.refuse[requestEnumSizes] = []error{syscall.ENOTTY}
	d := openFake(t, f)
	modes, err := d.Modes()
	if err != nil || len(modes) != 2 || modes[0].String() != "640x480 YUYV" || modes[1].String() != "720x576 YUYV" {
		t.Errorf("modes %v, %v", modes, err)
	}
}

func TestIntervalOf(t *testing.T) {
	for rate, want := range map[float64]Interval{
		30: {1, 30}, 29.97: {1001, 30000}, 59.94: {1001, 60000}, 7.5: {1000, 7500}, 0.5: {1000, 500}, 1: {1, 1},
		0: {}, -1: {}, 2000: {}, 1e-9: {},
	} {
		if got := IntervalOf(rate); got != want {
			t.Errorf("IntervalOf(%v) = %v, want %v", rate, got, want)
		}
	}
}
