package capture_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pushcam/pushcam/capture"
	"github.com/pushcam/pushcam/capture/capturetest"
)

// TestMoveBeforeTheFirstPicture: the first picture is already the right one.
func TestMoveBeforeTheFirstPicture(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newStairs(t)
		other := b.climber()
		other.watch(time.Second)
		c := b.climber()
		c.sub.Move(capture.Half)
		if got := b.rungs(); got != "full half" || c.sub.Rung() != capture.Half {
			t.Errorf("at %v, encoders of %s", c.sub.Rung(), got)
		}
		b.stopAfter(c, time.Second)
		if c.changes != 0 || c.last.Rung != capture.Half {
			t.Errorf("%d changes to %v", c.changes, c.last.Rung)
		}
	})
}

func (b *stairs) stopAfter(c *climber, long time.Duration) {
	c.watch(long)
	b.stop()
}

// TestMoveDownNoLadder: before the first picture, and of small ones, there is
// one rung.
func TestMoveDownNoLadder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newStairs(t, capturetest.Opening{Frames: 10, End: capturetest.ErrUnplugged, OpenDelay: time.Second}, capturetest.Opening{Frames: capturetest.Endless})
		c := b.climber()
		if n := len(b.source.Ladder(capture.H264)); n != 1 {
			t.Errorf("%d rungs of nothing", n)
		}
		c.sub.Move(capture.Quarter)
		c.watch(1200 * time.Millisecond)
		if c.changes != 0 || c.sub.Rung() != capture.Full {
			t.Errorf("moved to %v before there was a ladder", c.sub.Rung())
		}
		if n := len(b.source.Ladder(capture.H264)); n != 3 {
			t.Errorf("%d rungs of 640x360", n)
		}
		b.stop()
	})
}

// TestMoveWhileTheCameraIsLost: Slates have rungs, too.
func TestMoveWhileTheCameraIsLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		missing := capturetest.Opening{OpenErr: errors.New("no camera")}
		b := newStairs(t, capturetest.Opening{Frames: 30, End: capturetest.ErrUnplugged}, missing, missing, missing, missing, missing, capturetest.Opening{Frames: capturetest.Endless})
		c := b.climber()
		c.watch(2 * time.Second)
		if !c.last.Slate {
			t.Fatal("the camera is not lost")
		}
		c.sub.Move(capture.Half)
		c.watch(2 * time.Second)
		if !c.last.Slate || c.last.Rung != capture.Half {
			t.Errorf("slate %t of %v", c.last.Slate, c.last.Rung)
		}
		c.sub.Move(capture.Quarter)
		c.watch(10 * time.Second)
		if c.last.Slate || c.last.Rung != capture.Quarter || b.rungs() != "quarter" {
			t.Errorf("slate %t of %v, encoders of %s", c.last.Slate, c.last.Rung, b.rungs())
		}
		b.stop()
	})
}

// TestLadderThatBecomesShorter: who is on a rung that is no more is moved up.
func TestLadderThatBecomesShorter(t *testing.T) {
	smaller := capture.Size{Width: 160, Height: 120}
	for name, opening := range map[string]capturetest.Opening{
		"smaller pictures": {Frames: capturetest.Endless, Size: smaller},
		"coded ones":       {Frames: capturetest.Endless, Coded: capture.H264},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newStairs(t, capturetest.Opening{Frames: 90, End: capturetest.ErrUnplugged}, opening)
				stays, moving, cancels := b.climber(), b.climber(), b.climber()
				next := func(c *climber) *capture.AccessUnit {
					ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
					defer cancel()
					au, err := c.sub.Next(ctx)
					if err != nil {
						t.Fatal(err)
					}
					return au
				}
				for range 60 {
					next(moving)
					next(stays)
					next(cancels)
				}
				moving.sub.Move(capture.Quarter)
				for moving.sub.Rung() != capture.Quarter {
					next(moving)
				}
				for b.camera.Counts().Opened < 2 {
					next(moving)
				}
				cancels.sub.Move(capture.Half) // never gets there, or back at once
				for _, c := range []*climber{moving, cancels, stays} {
					for c.sub.Rung() != capture.Full || len(b.source.Ladder(capture.H264)) != 1 {
						next(c)
					}
				}
				c := []*climber{moving, cancels, stays}
				for i, c := range c {
					var au *capture.AccessUnit
					for range 30 {
						au = next(c)
					}
					if au.Rung != capture.Full || opening.Size != (capture.Size{}) && au.Size != smaller {
						t.Errorf("viewer %d: %v, %v", i, au.Rung, au.Size)
					}
				}
				if got := b.rungs(); got != "full" {
					t.Errorf("encoders of %s", got)
				}
				b.stop()
			})
		})
	}
}

// TestMoveEnds: Close and the Source's end, before, in and after each step.
func TestMoveEnds(t *testing.T) {
	for name, end := range map[string]func(b *stairs, c *climber){
		"close":         func(_ *stairs, c *climber) { c.sub.Close() },
		"source's end":  func(b *stairs, _ *climber) { b.stop() },
		"both at once":  func(b *stairs, c *climber) { go c.sub.Close(); b.stop() },
		"move and both": func(b *stairs, c *climber) { go c.sub.Move(capture.Full); go c.sub.Close(); b.stop() },
	} {
		t.Run(name, func(t *testing.T) {
			for step := range 12 {
				synctest.Test(t, func(t *testing.T) {
					b := newStairs(t)
					b.cost = func(int, bool) time.Duration { return 20 * time.Millisecond }
					c := b.climber()
					c.watch(500 * time.Millisecond)
					c.sub.Move(capture.Half)
					done := make(chan struct{})
					go func() {
						defer close(done)
						c.watch(time.Minute)
					}()
					<-time.After(time.Duration(step) * 10 * time.Millisecond)
					end(b, c)
					<-done
					c.sub.Move(capture.Quarter) // means nothing any more
					c.sub.Close()
					<-time.After(time.Second) // for encoders at work
					if stats := b.source.Stats(); stats.Subscriptions != 0 || len(stats.Renditions) != 0 || stats.Encoders != 0 {
						t.Errorf("after %d steps: %+v", step, stats)
					}
					b.stop()
				})
			}
		})
	}
}

// TestMoveAtRandom: whatever many viewers do, each sees only what it should.
func TestMoveAtRandom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newStairs(t)
		b.cost = func(width int, _ bool) time.Duration { return time.Duration(width) * 20 * time.Microsecond }
		stays := b.climber()
		stays.watch(time.Second)
		stays.longest, stays.missing = 0, 0
		var viewers sync.WaitGroup
		viewers.Go(func() { stays.watch(20 * time.Second) })
		for seed := range uint64(12) {
			viewers.Go(func() {
				dice := rand.New(rand.NewPCG(seed, 4))
				for range 4 {
					c := b.climber()
					var watching sync.WaitGroup
					watching.Go(func() { c.watch(4 * time.Second) })
					for range 12 {
						<-time.After(time.Duration(dice.IntN(500)) * time.Millisecond)
						c.sub.Move(capture.Rung(dice.IntN(3)))
						c.sub.SetTarget(capture.Bitrate(dice.IntN(3_000_000)))
					}
					if dice.IntN(2) == 0 {
						c.sub.Close()
					}
					watching.Wait()
					c.sub.Close()
					if c.longest > 500*time.Millisecond {
						t.Errorf("%v without a picture", c.longest)
					}
				}
			})
		}
		viewers.Wait()
		stays.steady(3 * time.Second / 30)
		if got := b.rungs(); got != "full" {
			t.Errorf("encoders of %s", got)
		}
		b.stop()
	})
}

// TestTargets: the least of the readers' targets, within the band; and no
// longer than they read.
func TestTargets(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newStairs(t)
		one, other := b.climber(), b.climber()
		both := func(long time.Duration) {
			var watching sync.WaitGroup
			watching.Go(func() { one.watch(long) })
			watching.Go(func() { other.watch(long) })
			watching.Wait()
		}
		both(time.Second)
		bands := b.source.Ladder(capture.H264)
		full, half := bands[capture.Full], bands[capture.Half]
		if got := b.rate(640); got != 2*capture.Mbps || full.Ceiling != got {
			t.Errorf("without targets %v of %v", got, full)
		}
		one.sub.SetTarget(1500 * capture.Kbps)
		other.sub.SetTarget(5 * capture.Mbps)
		both(100 * time.Millisecond)
		if got := b.rate(640); got != 1500*capture.Kbps {
			t.Errorf("the least is %v", got)
		}
		one.sub.SetTarget(half.Floor + 10*capture.Kbps)
		both(100 * time.Millisecond)
		if got := b.rate(640); got != full.Floor {
			t.Errorf("far below it is %v, want the floor of %v", got, full)
		}
		one.sub.Move(capture.Half)
		both(500 * time.Millisecond)
		if got := b.rate(320); got != half.Floor+10*capture.Kbps {
			t.Errorf("the lower rung has %v", got)
		}
		both(5 * time.Second)
		if got := b.rate(640); got != full.Ceiling {
			t.Errorf("for the one who stays %v of %v", got, full)
		}
		one.sub.SetTarget(0)
		both(5 * time.Second)
		if got := b.rate(320); got != half.Ceiling {
			t.Errorf("for who has no target %v of %v", got, half)
		}
		b.stop()
	})
}
