package capture_test

import (
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pushcam/pushcam/capture"
	"github.com/pushcam/pushcam/capture/capturetest"
)

// TestEffortOfRungs: who needs a smaller picture takes CPU from the others, and
// then what costs most is made less of, once.
func TestEffortOfRungs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorkshop(t, capturetest.Opening{Frames: capturetest.Endless}, capture.CPUConfig{}, nil)
		w.single = true
		w.set(byPixels(22 * time.Millisecond))
		good, poor := w.subscribe(capture.H264), w.subscribe(capture.H264)
		var both sync.WaitGroup
		watch := func(long time.Duration) {
			both.Go(func() { w.watch(good, long) })
			both.Go(func() { w.watch(poor, long) })
			both.Wait()
		}
		watch(5 * time.Second)
		if got := w.detail(); got != "" {
			t.Fatalf("one encoder: %q", got)
		}
		poor.Move(capture.Half)
		watch(2 * time.Second)
		w.set(byPixels(26 * time.Millisecond)) // with every second picture below what is aimed at
		watch(10 * time.Second)
		if got := w.detail(); got != "h264: 320x180 at 15 fps to spare the CPU" {
			t.Errorf("detail %q", got)
		}
		stats := w.source.Stats()
		if len(stats.Renditions) != 2 || stats.Lowered != 1 || stats.Renditions[1].Effort != (capture.Effort{}) {
			t.Errorf("stats %+v", stats)
		}
		w.stop()
	})
}

// TestEffortIsRemembered: who comes back soon need not wait for the right step
// again; who comes the next day gets all.
func TestEffortIsRemembered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorkshop(t, capturetest.Opening{Frames: capturetest.Endless}, capture.CPUConfig{}, nil)
		w.set(byPixels(45 * time.Millisecond))
		s := w.subscribe(capture.H264)
		w.watch(s, 5*time.Second)
		s.Close()
		<-time.After(time.Minute)
		if got := w.detail(); got != "" {
			t.Errorf("idle: %q", got)
		}
		s = w.subscribe(capture.H264)
		w.watch(s, time.Second)
		if got := w.detail(); got != "320x180 at 15 fps to spare the CPU" {
			t.Errorf("after a minute: %q", got)
		}
		s.Close()
		<-time.After(24 * time.Hour)
		w.set(byPixels(time.Millisecond))
		s = w.subscribe(capture.H264)
		w.watch(s, time.Second)
		if got := w.detail(); got != "" {
			t.Errorf("after a day: %q", got)
		}
		w.stop()
	})
}
