package capture_test

import (
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pushcam/pushcam/capture"
)

// TestMove is about all ways, with encoders of all speeds: not a picture is
// missing, and the old rung's encoder ends.
func TestMove(t *testing.T) {
	const interval = time.Second / 30
	for name, cost := range map[string]func(width int, first bool) time.Duration{
		"at once":              quickEncode,
		"larger takes longer":  func(width int, _ bool) time.Duration { return time.Duration(width) * 40 * time.Microsecond },
		"smaller takes longer": func(width int, _ bool) time.Duration { return 16 * time.Second / time.Duration(width) / 4 },
		"slow to open": func(_ int, first bool) time.Duration {
			if first {
				return 2 * interval
			}
			return time.Millisecond
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newStairs(t)
				b.cost = cost
				c := b.climber()
				c.watch(2 * time.Second)
				c.longest, c.missing = 0, 0
				for _, to := range []capture.Rung{capture.Half, capture.Quarter, capture.Full, capture.Quarter, capture.Half, capture.Full} {
					changes := c.changes
					c.sub.Move(to)
					c.watch(2 * time.Second)
					if c.sub.Rung() != to || c.last.Rung != to || c.changes != changes+1 {
						t.Fatalf("at %v with pictures of %v after %d changes, want one to %v", c.sub.Rung(), c.last.Rung, c.changes-changes, to)
					}
					if got := b.rungs(); got != to.String() {
						t.Errorf("encoders of %s, want %v", got, to)
					}
					if name == "slow to open" && c.missing == 1 {
						c.missing = 0 // came while its encoder was opened, and the old one's time was over
					}
					c.steady(4 * interval)
				}
				b.stop()
			})
		})
	}
}

// TestMoveIsToldOf: who runs the program can see which rungs are in use.
func TestMoveIsToldOf(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newStairs(t)
		c := b.climber()
		c.watch(time.Second)
		c.sub.Move(capture.Half)
		c.watch(2 * time.Second)
		stats := b.source.Stats().Renditions
		if len(stats) != 1 {
			t.Fatalf("renditions %+v", stats)
		}
		got := stats[0]
		if got.FrameRate < 29.9 || got.FrameRate > 30.1 {
			t.Errorf("%v pictures per second", got.FrameRate)
		}
		got.FrameRate = 0
		want := capture.RenditionStats{
			Codec: capture.H264, Rung: capture.Half, Size: capture.Size{Width: 320, Height: 180},
			Bitrate: b.source.Ladder(capture.H264)[capture.Half].Ceiling, Readers: 1,
		}
		if got != want {
			t.Errorf("rendition %+v, want %+v", got, want)
		}
		b.stop()
		for _, line := range []string{"rendition starts", "rendition stops"} {
			for _, rung := range []string{"rung=full", "rung=half"} {
				if n := strings.Count(b.log.String(), line+"\" codec=h264 "+rung); n != 1 {
					t.Errorf("%q of %s is logged %d times:\n%s", line, rung, n, b.log.String())
				}
			}
		}
	})
}

// TestMoveBack: a Move that is taken back, or replaced, before the new rung's
// keyframe leaves no trace.
func TestMoveBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newStairs(t)
		b.cost = func(width int, _ bool) time.Duration {
			if width == 320 {
				return time.Second
			}
			return 0
		}
		c := b.climber()
		c.watch(2 * time.Second)
		c.longest = 0
		forced := b.keyframes(640)
		for range 3 {
			c.sub.Move(capture.Half)
			c.watch(50 * time.Millisecond) // its encoder is at work, and pictures are held back
			if got := b.rungs(); got != "full half" {
				t.Errorf("encoders of %s", got)
			}
			c.sub.Move(capture.Half) // says nothing new
			c.sub.Move(capture.Full)
			c.watch(2 * time.Second)
			if got := b.rungs(); got != "full" || c.changes != 0 {
				t.Errorf("encoders of %s, %d changes", got, c.changes)
			}
		}
		if b.keyframes(640) != forced {
			t.Error("a Move that was taken back made keyframes")
		}
		c.sub.Move(capture.Half)
		c.watch(50 * time.Millisecond)
		c.sub.Move(capture.Quarter)
		c.watch(time.Second)
		if got := b.rungs(); got != "quarter" || c.changes != 1 {
			t.Errorf("encoders of %s, %d changes", got, c.changes)
		}
		c.steady(4 * time.Second / 30)
		b.stop()
	})
}

// TestMoveWaitsForALateEncoder: an encoder that needs long for its first
// picture costs no viewer his pictures.
func TestMoveWaitsForALateEncoder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newStairs(t)
		b.cost = func(_ int, first bool) time.Duration {
			if first {
				return time.Second
			}
			return time.Millisecond
		}
		c := b.climber()
		c.watch(3 * time.Second)
		c.longest, c.missing = 0, 0
		c.sub.Move(capture.Quarter)
		c.watch(900 * time.Millisecond)
		if c.sub.Rung() != capture.Full {
			t.Error("moved to an encoder that has made nothing")
		}
		c.watch(time.Second)
		if c.sub.Rung() != capture.Quarter {
			t.Error("not moved to an encoder that works")
		}
		c.steady(5 * time.Second / 30)
		b.stop()
	})
}

// TestMoveToABrokenEncoder: the viewer stays where it is, and is told nothing.
func TestMoveToABrokenEncoder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newStairs(t)
		c := b.climber()
		c.watch(time.Second)
		c.longest = 0
		b.set(func() { b.fail[160] = true })
		c.sub.Move(capture.Quarter)
		c.watch(5 * time.Second)
		if status, _ := b.source.Status(); status.Detail != "" || c.changes != 0 {
			t.Errorf("%q, %d changes", status.Detail, c.changes)
		}
		if failures := b.source.Stats().EncoderFailures; failures < 4 {
			t.Errorf("%d failures", failures)
		}
		b.set(func() { b.fail[160] = false })
		c.watch(2 * time.Second)
		if c.sub.Rung() != capture.Quarter {
			t.Error("not moved to an encoder that works again")
		}
		c.steady(2 * time.Second / 30)
		b.set(func() { b.fail[160] = true })
		c.watch(time.Second)
		if status, _ := b.source.Status(); !strings.Contains(status.Detail, "out of luck") {
			t.Errorf("who has no pictures is told %q", status.Detail)
		}
		c.sub.Move(capture.Full)
		c.watch(time.Second)
		if status, _ := b.source.Status(); status.Detail != "" || c.sub.Rung() != capture.Full {
			t.Errorf("back at %v, %q", c.sub.Rung(), status.Detail)
		}
		b.stop()
	})
}

// TestMoveOfMany: those who move together share a keyframe, and those who stay
// see none of it.
func TestMoveOfMany(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newStairs(t)
		stays := b.climber()
		stays.watch(time.Second)
		var all []*climber
		var watching sync.WaitGroup
		for range 10 {
			all = append(all, b.climber())
		}
		together := func(long time.Duration) {
			for _, c := range append(slices.Clone(all), stays) {
				watching.Go(func() { c.watch(long) })
			}
			watching.Wait()
		}
		together(2 * time.Second)
		before := b.keyframes(640)
		for _, c := range all {
			c.sub.Move(capture.Half)
		}
		together(2 * time.Second)
		for _, c := range all {
			if c.sub.Rung() != capture.Half {
				t.Error("one was left behind")
			}
			c.steady(2 * time.Second / 30)
		}
		stays.steady(2 * time.Second / 30)
		// One for all; each may have asked again before the first was there.
		if got := b.keyframes(320); got > 2 || b.keyframes(640) != before {
			t.Errorf("%d keyframes for those who moved, %d for the other", got, b.keyframes(640)-before)
		}
		all[0].sub.RequestKeyframe()
		together(time.Second)
		if b.keyframes(640) != before {
			t.Error("a keyframe for one rung is one for the other")
		}
		b.stop()
	})
}
