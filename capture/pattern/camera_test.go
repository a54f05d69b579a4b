package pattern_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pushcam/pushcam/capture"
	"github.com/pushcam/pushcam/capture/capturetest"
	"github.com/pushcam/pushcam/capture/pattern"
)

func small() *pattern.Camera {
	return &pattern.Camera{Size: capture.Size{Width: 160, Height: 120}, FrameRate: 25}
}

func TestConformance(t *testing.T) {
	capturetest.CameraConformance(t, func(*testing.T) capture.Camera { return small() })
}

// bubble opens a camera inside a synctest bubble and closes it at the end.
func bubble(t *testing.T, camera *pattern.Camera, run func(t *testing.T, r capture.FrameReader)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		r, err := camera.Open(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer mustClose(t, r)
		run(t, r)
	})
}

func read(t *testing.T, r capture.FrameReader) *capture.Frame {
	t.Helper()
	f, err := r.Read()
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func mustClose(t *testing.T, r capture.FrameReader) {
	t.Helper()
	if err := r.Close(); err != nil {
		t.Errorf("Close: %v", err)
	}
}

func TestMode(t *testing.T) {
	for _, c := range []struct {
		name   string
		camera pattern.Camera
		want   capture.Mode
	}{
		{"zero value", pattern.Camera{}, capture.Mode{Size: capture.Size{Width: 1280, Height: 720}, FrameRate: 30, Format: "I420"}},
		{"as asked", pattern.Camera{Size: capture.Size{Width: 640, Height: 480}, FrameRate: 7.5, Caption: "what? über-langer Text, der nirgends hineinpasst"},
			capture.Mode{Size: capture.Size{Width: 640, Height: 480}, FrameRate: 7.5, Format: "I420"}},
		{"smallest", pattern.Camera{Size: capture.Size{Width: 64, Height: 64}, FrameRate: 1},
			capture.Mode{Size: capture.Size{Width: 64, Height: 64}, FrameRate: 1, Format: "I420"}},
		{"very wide", pattern.Camera{Size: capture.Size{Width: 2000, Height: 64}, FrameRate: 240},
			capture.Mode{Size: capture.Size{Width: 2000, Height: 64}, FrameRate: 240, Format: "I420"}},
		{"very high", pattern.Camera{Size: capture.Size{Width: 64, Height: 2002}, FrameRate: 30},
			capture.Mode{Size: capture.Size{Width: 64, Height: 2002}, FrameRate: 30, Format: "I420"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			bubble(t, &c.camera, func(t *testing.T, r capture.FrameReader) {
				if r.Mode() != c.want {
					t.Errorf("mode %+v, want %+v", r.Mode(), c.want)
				}
				for range 3 {
					f := read(t, r)
					if err := f.Validate(); err != nil || f.Size != c.want.Size {
						t.Errorf("frame of %v: %v", f.Size, err)
					}
					f.Release()
				}
			})
		})
	}
}

func TestOpenRefuses(t *testing.T) {
	for _, c := range []struct {
		size capture.Size
		rate float64
		want string
	}{
		{capture.Size{Width: 1281, Height: 720}, 30, "size 1281x720"},
		{capture.Size{Width: 1280, Height: 62}, 30, "size 1280x62"},
		{capture.Size{Width: 8000, Height: 4000}, 30, "size 8000x4000"},
		{capture.Size{Width: -2, Height: 64}, 30, "size -2x64"},
		{capture.Size{}, 0.5, "frame rate 0.5"},
		{capture.Size{}, -30, "frame rate -30"},
		{capture.Size{}, 1000, "frame rate 1000"},
	} {
		_, err := (&pattern.Camera{Size: c.size, FrameRate: c.rate}).Open(t.Context())
		if err == nil || !strings.HasPrefix(err.Error(), "open test pattern: "+c.want+": want ") {
			t.Errorf("%v at %g: error %v, want one about %q", c.size, c.rate, err, c.want)
		}
	}
}

// TestPace reads with pauses that are not the camera's fault and checks when
// each picture comes, to the nanosecond of the bubble's clock.
func TestPace(t *testing.T) {
	const ms = time.Millisecond
	bubble(t, small(), func(t *testing.T, r capture.FrameReader) { // one picture in 40 ms
		start := time.Now()
		for i, c := range []struct {
			pause   time.Duration // before Read
			arrives time.Duration // since the start
			taken   time.Duration
		}{
			{0, 0, 0},
			{0, 40 * ms, 40 * ms},
			{0, 80 * ms, 80 * ms},
			{39 * ms, 120 * ms, 120 * ms},  // slow, in time
			{50 * ms, 170 * ms, 160 * ms},  // one late: at once,
			{0, 200 * ms, 200 * ms},        // and the next in its own time
			{450 * ms, 650 * ms, 640 * ms}, // many late: only the latest
			{0, 680 * ms, 680 * ms},
			{time.Hour, time.Hour + 680*ms, time.Hour + 680*ms}, // to the beat
			{0, time.Hour + 720*ms, time.Hour + 720*ms},
		} {
			<-time.After(c.pause)
			f := read(t, r)
			if arrived := time.Since(start); arrived != c.arrives {
				t.Errorf("picture %d arrives after %v, want %v", i, arrived, c.arrives)
			}
			if taken := f.Time.Sub(start); taken != c.taken {
				t.Errorf("picture %d was taken after %v, want %v", i, taken, c.taken)
			}
			f.Release()
		}
	})
}

func TestPaceDoesNotDrift(t *testing.T) {
	camera := &pattern.Camera{Size: capture.Size{Width: 64, Height: 64}, FrameRate: 30000.0 / 1001}
	bubble(t, camera, func(t *testing.T, r capture.FrameReader) {
		start := time.Now()
		const pictures = 3000
		for range pictures {
			read(t, r).Release()
		}
		want := (pictures - 1) * 1001 * time.Second / 30000
		if off := time.Since(start) - want; off < -time.Microsecond || off > time.Microsecond {
			t.Errorf("%d pictures took %v longer than %v", pictures, off, want)
		}
	})
}

func TestClockIsTheFramesTime(t *testing.T) {
	bubble(t, small(), func(t *testing.T, r capture.FrameReader) {
		for range 50 {
			f := read(t, r)
			got, err := pattern.ReadClock(f)
			if err != nil || !got.Equal(f.Time.Truncate(time.Millisecond)) {
				t.Errorf("clock says %v, %v; the frame was taken at %v", got, err, f.Time)
			}
			f.Release()
		}
	})
}

// TestPicturesAreWhole reads pictures into memory that held something else.
func TestPicturesAreWhole(t *testing.T) {
	var first, second [][]byte
	for _, soil := range []byte{0, 255} {
		var pictures [][]byte
		bubble(t, small(), func(t *testing.T, r capture.FrameReader) {
			for range 4 {
				f := read(t, r)
				pictures = append(pictures, bytes.Join([][]byte{f.Y, f.U, f.V}, nil))
				for _, plane := range [][]byte{f.Y, f.U, f.V} {
					for i := range plane {
						plane[i] = soil
					}
				}
				f.Release()
			}
		})
		first, second = second, pictures
	}
	for i := range second {
		if !bytes.Equal(first[i], second[i]) {
			t.Errorf("picture %d depends on what its memory held before", i)
		}
		if i > 0 && bytes.Equal(second[i-1], second[i]) {
			t.Errorf("picture %d is the one before", i)
		}
	}
}

func TestReadEndsWithClose(t *testing.T) {
	bubble(t, small(), func(t *testing.T, r capture.FrameReader) {
		read(t, r).Release()
		ended := make(chan error)
		go func() {
			f, err := r.Read()
			if err == nil {
				f.Release()
			}
			ended <- err
		}()
		synctest.Wait() // until Read waits for its picture's time
		before := time.Now()
		go mustClose(t, r)
		if err := <-ended; !errors.Is(err, os.ErrClosed) {
			t.Errorf("Read ends with %v, want %v", err, os.ErrClosed)
		}
		if waited := time.Since(before); waited != 0 {
			t.Errorf("Read ends %v after Close", waited)
		}
	})
}

func TestOpenEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := small().Open(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("Open: %v, want %v", err, context.Canceled)
	}
}

func TestReadAllocatesNothing(t *testing.T) {
	bubble(t, small(), func(t *testing.T, r capture.FrameReader) {
		if n := testing.AllocsPerRun(50, func() { read(t, r).Release() }); n >= 1 {
			t.Errorf("%.0f allocations a picture, want 0", n)
		}
	})
}
