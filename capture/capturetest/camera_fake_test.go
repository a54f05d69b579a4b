package capturetest_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pushcam/pushcam/capture"
	"github.com/pushcam/pushcam/capture/capturetest"
)

func TestFakeCameraConforms(t *testing.T) {
	for name, opening := range map[string]capturetest.Opening{
		"plain":      {Frames: capturetest.Endless},
		"corrupt":    {Frames: capturetest.Endless, Corrupt: 2},
		"slow close": {Frames: capturetest.Endless, CloseDelay: 5 * time.Second},
		"slow open":  {Frames: capturetest.Endless, OpenDelay: 5 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			capturetest.CameraConformance(t, func(*testing.T) capture.Camera {
				return capturetest.NewFakeCamera(capture.Size{Width: 64, Height: 48}, opening)
			})
		})
	}
}

// readAll reads until the error and returns how many Frames came before.
func readAll(r capture.FrameReader) (n int, err error) {
	for {
		f, err := r.Read()
		if err != nil {
			return n, err
		}
		f.Release()
		n++
	}
}

func TestFakeCameraPlaysItsScript(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		busy := errors.New("busy")
		c := capturetest.NewFakeCamera(capture.Size{Width: 64, Height: 48},
			capturetest.Opening{OpenErr: busy, OpenDelay: time.Second},
			capturetest.Opening{Frames: 3, Interval: time.Second, End: capturetest.ErrUnplugged},
			capturetest.Opening{Frames: 4, Corrupt: 2, End: capturetest.ErrUnplugged, Size: capture.Size{Width: 32, Height: 32}},
			capturetest.Opening{Frames: capturetest.Endless},
			capturetest.Opening{}, // stalls
		)
		start := time.Now()
		if _, err := c.Open(t.Context()); !errors.Is(err, busy) || time.Since(start) != time.Second {
			t.Errorf("first Open after %v: %v, want %v after 1s", time.Since(start), err, busy)
		}
		for i, want := range []struct {
			frames int
			size   capture.Size
			after  time.Duration
		}{
			{3, capture.Size{Width: 64, Height: 48}, 3 * time.Second},
			{2, capture.Size{Width: 32, Height: 32}, 4 * (time.Second / 30)},
		} {
			r, err := c.Open(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			start := time.Now()
			n, err := readAll(r)
			if n != want.frames || !errors.Is(err, capturetest.ErrUnplugged) || time.Since(start) != want.after {
				t.Errorf("life %d: %d frames in %v, then %v; want %+v", i, n, time.Since(start), err, want)
			}
			if r.Mode().Size != want.size {
				t.Errorf("life %d: mode %+v, want %v", i, r.Mode(), want.size)
			}
			_ = r.Close()
		}

		live, err := c.Open(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		time.AfterFunc(time.Second, func() { c.Unplug(capturetest.ErrUnplugged) })
		if n, err := readAll(live); n < 29 || !errors.Is(err, capturetest.ErrUnplugged) {
			t.Errorf("unplugged after 1s: %d frames, %v", n, err)
		}

		stalled, err := c.Open(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		start = time.Now()
		time.AfterFunc(time.Hour, func() { _ = stalled.Close() })
		if n, err := readAll(stalled); n != 0 || err == nil || time.Since(start) != time.Hour {
			t.Errorf("stalled: %d frames, then %v after %v", n, err, time.Since(start))
		}
		_ = stalled.Close()
		if got := c.Counts(); got.Open != 1 || got.MostOpen != 2 || got.Attempts != 5 || got.Opened != 4 || got.Skipped != 2 {
			t.Errorf("counts %+v", got)
		}
		_ = live.Close()
	})
}

func TestFakeCameraOpenHeedsItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := capturetest.NewFakeCamera(capture.Size{Width: 64, Height: 48}, capturetest.Opening{OpenDelay: time.Hour})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start := time.Now()
		if _, err := c.Open(ctx); !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != time.Second {
			t.Errorf("Open: %v after %v", err, time.Since(start))
		}
	})
}
