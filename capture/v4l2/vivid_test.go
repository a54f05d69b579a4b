//go:build vivid

package v4l2

import (
	"errors"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/pion/mediadevices/pkg/driver"
	"github.com/pion/mediadevices/pkg/frame"
	"github.com/pion/mediadevices/pkg/prop"

	"github.com/pushcam/pushcam/capture"
)

// These tests need the kernel's virtual camera, vivid, as /dev/video0, and
// may unplug it: cmd/pushcam/lab runs them in a virtual machine. There is one
// round for its single-planar API, one, TestVividMulti, for the other, and one,
// TestVividSteps, for an input that takes sizes in steps.

const vivid = "/dev/video0"

// small is a size that an emulated processor keeps up with.
var small = capture.Size{Width: 320, Height: 180}

// machineLate is how late an emulated machine may be on a loaded one.
const machineLate = 20 * time.Second

func openVivid(t *testing.T) *Device {
	t.Helper()
	d, err := Open(vivid)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	return d
}

func startVivid(t *testing.T, f PixelFormat) (*Device, *Queue) {
	t.Helper()
	d := openVivid(t)
	if _, err := d.SetFormat(f, small); err != nil {
		t.Fatal(err)
	}
	if _, err := d.SetInterval(Interval{1, 15}); err != nil {
		t.Fatal(err)
	}
	q, err := d.Start(QueueConfig{})
	if err != nil {
		t.Fatal(err)
	}
	return d, q
}

func TestVividList(t *testing.T) {
	nodes, err := List()
	if err != nil || len(nodes) != 1 {
		t.Fatalf("List: %+v, %v; want one node", nodes, err)
	}
	if n := nodes[0]; n.Card != "vivid" || n.Driver != "vivid" || n.Bus != "platform:vivid-000" || n.Path != vivid || n.Name() != "video0" || n.Err != nil || n.NeedsPipeline {
		t.Errorf("node %+v", n)
	}
}

func TestVividModes(t *testing.T) {
	modes, err := openVivid(t).Modes()
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d modes", len(modes))
	for _, f := range []PixelFormat{YUYV, UYVY, NV12, NV21, I420, YV12, GREY} {
		for _, want := range []Mode{
			{f, capture.Size{Width: 320, Height: 180}, Interval{1, 15}},
			{f, capture.Size{Width: 640, Height: 360}, Interval{1, 15}},
		} {
			if !slices.ContainsFunc(modes, func(m Mode) bool {
				return m.PixelFormat == want.PixelFormat && m.Size == want.Size && m.Interval.compare(want.Interval) == 0
			}) {
				t.Errorf("no mode %v", want)
			}
		}
	}
}

// streams reads pictures of vivid's colour bars, and checks all that can be
// said of them.
func streams(t *testing.T, f PixelFormat) {
	_, q := startVivid(t, f)
	format := q.Format()
	if format.PixelFormat != f || format.Size != small {
		t.Fatalf("format %v, want %v %v", format, small, f)
	}
	if q.Interval().compare(Interval{1, 15}) != 0 {
		t.Errorf("interval %v, want 1/15 s", q.Interval())
	}
	var first, last time.Time
	var start, sequence uint32
	for i := range 20 {
		b := next(t, q)
		if i > 0 && (b.Sequence() <= sequence || !b.Time().After(last)) {
			t.Fatalf("picture %d at %v after %d at %v", b.Sequence(), b.Time(), sequence, last)
		}
		if i == 0 {
			first, start = b.Time(), b.Sequence()
		}
		// vivid says when the exposure ends, which it does not wait for.
		if age := time.Since(b.Time()); age < -time.Second/15 || age > machineLate {
			t.Errorf("picture %d is %v old", b.Sequence(), age)
		}
		sequence, last = b.Sequence(), b.Time()
		for p, plane := range b.Planes() {
			if low, high := slices.Min(plane.Pix), slices.Max(plane.Pix); high-low < 100 {
				t.Fatalf("plane %d goes from %d to %d, want colour bars", p, low, high)
			}
		}
		b.Release()
	}
	// By the driver's count, the times are what the rate says.
	if mean := last.Sub(first) / time.Duration(sequence-start); mean < 60*time.Millisecond || mean > 73*time.Millisecond {
		t.Errorf("a picture every %v, want 1/15 s", mean)
	}
	stats := q.Stats()
	if stats.Broken+stats.Short+stats.Refused+stats.Undated+stats.Starved > 0 {
		t.Errorf("stats %+v", stats)
	}
	t.Logf("%v, %v %v, full range %v: 20 pictures in %v, %+v", format, format.Memory, format.Matrix, format.FullRange, last.Sub(first), stats)
}

func TestVividStreams(t *testing.T) {
	for _, f := range []PixelFormat{YUYV, UYVY, NV12, NV21, I420, YV12, GREY} {
		t.Run(f.String(), func(t *testing.T) { streams(t, f) })
	}
}

// TestVividMulti runs on a vivid of its own, with the multi-planar API.
func TestVividMulti(t *testing.T) {
	for _, f := range []PixelFormat{NV12M, I420M, YV12M, NV12, YUYV} {
		t.Run(f.String(), func(t *testing.T) { streams(t, f) })
	}
	noLeaks(t)
}

// TestVividSteps runs on a vivid of its own, whose input is HDMI: it scales to
// any even size and has one rate.
func TestVividSteps(t *testing.T) {
	d := openVivid(t)
	modes, err := d.Modes()
	if err != nil {
		t.Fatal(err)
	}
	for _, size := range []capture.Size{{Width: 320, Height: 240}, {Width: 640, Height: 360}, {Width: 1280, Height: 720}} {
		if !slices.ContainsFunc(modes, func(m Mode) bool { return m.Size == size && m.PixelFormat == NV12 && m.Interval.Rate() == 60 }) {
			t.Errorf("no mode of %v at 60 fps among %d", size, len(modes))
		}
	}
	odd := capture.Size{Width: 346, Height: 258} // in no list
	if _, err := d.SetFormat(YUYV, odd); err != nil {
		t.Fatal(err)
	}
	q, err := d.Start(QueueConfig{})
	if err != nil {
		t.Fatal(err)
	}
	if f := q.Format(); f.Size != odd {
		t.Errorf("format %v, want %v", f, odd)
	}
	for range 10 {
		b := next(t, q)
		if got := len(b.Planes()[0].Pix); got < odd.Pixels() {
			t.Errorf("plane of %d bytes", got)
		}
		b.Release()
	}
}

func TestVividHasTheLastWord(t *testing.T) {
	d := openVivid(t)
	for _, size := range []capture.Size{{Width: 333, Height: 222}, {Width: 1, Height: 1}, {Width: 16000, Height: 16000}} {
		f, err := d.SetFormat(NV12, size)
		if err != nil {
			t.Errorf("SetFormat of %v: %v", size, err)
		} else if f.Size == size || f.Memory[0].Stride < f.Width || f.Memory[0].Size < f.Pixels()*3/2 {
			t.Errorf("SetFormat of %v: %v, %v", size, f, f.Memory)
		}
		t.Logf("%v became %v, %v", size, f, f.Memory)
	}
	if _, err := d.SetFormat(NV12, small); err != nil {
		t.Error(err)
	}
	if got, err := d.SetInterval(Interval{1, 17}); err != nil || got.Rate() < 10 || got.Rate() > 25 || got == (Interval{1, 17}) {
		t.Errorf("SetInterval of 1/17: %v, %v", got, err)
	}
}

func TestVividBusy(t *testing.T) {
	_, q := startVivid(t, YUYV)
	other := openVivid(t)
	if _, err := other.Start(QueueConfig{}); !errors.Is(err, syscall.EBUSY) || !strings.Contains(err.Error(), "fuser -v /dev/video0") {
		t.Errorf("second Start: %v", err)
	}
	next(t, q).Release()
}

// TestVividPermission runs as another user than the rest.
func TestVividPermission(t *testing.T) {
	if _, err := Open(vivid); !errors.Is(err, os.ErrPermission) || !strings.Contains(err.Error(), "usermod -aG video") {
		t.Errorf("Open: %v", err)
	}
	nodes, err := List()
	if err != nil || len(nodes) != 1 || nodes[0].Err == nil || !strings.Contains(nodes[0].Card, "vivid") {
		t.Errorf("List: %+v, %v; want the node, its name and the reason", nodes, err)
	}
}

func TestVividDriver(t *testing.T) {
	nodes, err := List()
	if err != nil || len(nodes) != 1 {
		t.Fatal(nodes, err)
	}
	manager := driver.GetManager()
	if err := manager.Register(NewDriver(nodes[0]), nodes[0].DriverInfo()); err != nil {
		t.Fatal(err)
	}
	found := manager.Query(driver.FilterVideoRecorder())
	if len(found) != 1 || found[0].Info().Label != "video0;video0" || found[0].Info().Name != "vivid;platform:vivid-000" {
		t.Fatalf("found %v", found)
	}
	defer manager.Delete(found[0].ID())
	if err := found[0].Open(); err != nil {
		t.Fatal(err)
	}
	if n := len(found[0].Properties()); n < 20 {
		t.Errorf("%d properties", n)
	}
	reader, err := found[0].(driver.VideoRecorder).VideoRecord(prop.Media{Video: prop.Video{Width: 320, Height: 180, FrameRate: 15, FrameFormat: frame.FormatNV12}})
	if err != nil {
		t.Fatal(err)
	}
	for range 5 {
		img, release, err := reader.Read()
		if err != nil {
			t.Fatal(err)
		}
		if b, ok := img.(*Buffer); !ok || b.Format().PixelFormat != NV12 || img.Bounds().Dx() != 320 {
			t.Errorf("image %T of %v", img, img.Bounds())
		}
		release()
	}
	for range 2 {
		if err := found[0].Close(); err != nil {
			t.Error(err)
		}
	}
	if _, _, err := reader.Read(); !errors.Is(err, ErrClosed) {
		t.Errorf("Read after Close: %v", err)
	}
}
