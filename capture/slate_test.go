package capture_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pushcam/pushcam/capture"
	"github.com/pushcam/pushcam/capture/capturetest"
)

// newSlateBench is a bench whose Slates take so long to draw. Each status that
// was drawn goes to drawn, unless that is nil.
func newSlateBench(t *testing.T, drawing time.Duration, drawn chan<- capture.Status, script ...capturetest.Opening) *bench {
	t.Helper()
	return newBenchOf(t, capturetest.NewFakeCamera(testSize, script...), func(cfg *capture.SourceConfig) {
		cfg.SlateSize = capture.Size{Width: 160, Height: 90}
		cfg.Slate = func(size capture.Size, status capture.Status, now time.Time) *capture.Frame {
			if drawing > 0 {
				<-time.After(drawing)
			}
			if drawn != nil {
				drawn <- status
			}
			return capture.NewFrame(size)
		}
	})
}

func isSlate(au *capture.AccessUnit) bool { return au.Payload[1] == 1 }

// TestSlateWhileUnplugged: the pictures never stop for a second, the first of
// each kind is a keyframe, and their times only grow.
func TestSlateWhileUnplugged(t *testing.T) {
	missing := capturetest.Opening{OpenErr: errors.New("no such camera: plug it in")}
	for name, drawing := range map[string]time.Duration{"drawn at once": 0, "slowly drawn": 300 * time.Millisecond} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newSlateBench(t, drawing, nil,
					capturetest.Opening{Frames: 90, End: capturetest.ErrUnplugged}, missing, missing, missing, missing,
					capturetest.Opening{Frames: capturetest.Endless})
				s := b.subscribe(capture.H264)
				last := b.next(s)
				var changes, slates int
				var slateAt time.Time
				for changes < 2 || time.Since(slateAt) < 5*time.Second {
					before := time.Now()
					au := b.next(s)
					if !au.Time.After(last.Time) {
						t.Fatalf("a picture of %v after one of %v", au.Time, last.Time)
					}
					if waited, most := time.Since(before), 500*time.Millisecond+drawing; waited > most {
						t.Errorf("waited %v for a picture", waited)
					}
					if isSlate(au) != isSlate(last) {
						changes++
						if !au.Keyframe {
							t.Errorf("change %d is no keyframe", changes)
						}
						if waited, most := time.Since(before), 100*time.Millisecond+drawing; isSlate(au) && waited > most {
							t.Errorf("%v from the last picture to the first slate", waited)
						}
					} else if au.Keyframe {
						t.Error("a keyframe that nobody needs")
					}
					if isSlate(au) {
						slates, slateAt = slates+1, time.Now()
						if au.Size != testSize {
							t.Errorf("slate of %v, want the camera's %v", au.Size, testSize)
						}
					}
					last = au
				}
				stats := b.source.Stats()
				if changes != 2 || slates < 4 || stats.Slates != uint64(slates) || stats.Frames != uint64(b.camera.Counts().Frames) {
					t.Errorf("%d changes, %d slates, %+v", changes, slates, stats)
				}
				if stats.Drops[capture.DropLate] > 1 {
					t.Errorf("drops %v", stats.Drops)
				}
				b.stop()
			})
		})
	}
}

// TestSlateFromTheStart: a camera that cannot be opened is not nothing to see.
func TestSlateFromTheStart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		drawn := make(chan capture.Status, 100)
		b := newSlateBench(t, 0, drawn, capturetest.Opening{OpenErr: errors.New("another program uses it")})
		s := b.subscribe(capture.VP8)
		start := time.Now()
		au := b.next(s)
		if !isSlate(au) || !au.Keyframe || au.Size != (capture.Size{Width: 160, Height: 90}) {
			t.Errorf("got %+v", au)
		}
		if waited := time.Since(start); waited > 100*time.Millisecond {
			t.Errorf("waited %v", waited)
		}
		if status := <-drawn; status.Camera != "fake camera" || status.Detail != "open fake camera: another program uses it" {
			t.Errorf("drawn with %+v", status)
		}
		// Who comes later waits for the next one at most.
		<-time.After(3100 * time.Millisecond)
		start = time.Now()
		if au := b.next(b.subscribe(capture.H264)); !isSlate(au) || !au.Keyframe {
			t.Errorf("got %+v", au)
		}
		if waited := time.Since(start); waited > 500*time.Millisecond {
			t.Errorf("a second viewer waited %v", waited)
		}
		b.stop()
	})
}

// TestSlateEndsWithDemand: nobody looks, nothing is drawn.
func TestSlateEndsWithDemand(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newSlateBench(t, 0, nil, capturetest.Opening{OpenErr: capturetest.ErrUnplugged})
		s := b.subscribe(capture.VP8)
		b.next(s)
		s.Close()
		synctest.Wait()
		before := b.source.Stats().Slates
		<-time.After(10 * time.Second)
		if after := b.source.Stats().Slates; after != before || b.state() != capture.Idle {
			t.Errorf("%d slates, then %d; state %v", before, after, b.state())
		}
		b.stop()
	})
}

// TestSlateBeingDrawn: Run waits for it, and nothing is offered after a
// camera's first picture.
func TestSlateBeingDrawn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newSlateBench(t, 10*time.Second, nil,
			capturetest.Opening{OpenErr: capturetest.ErrUnplugged}, capturetest.Opening{Frames: 900, End: capturetest.ErrUnplugged},
			capturetest.Opening{OpenErr: capturetest.ErrUnplugged})
		s := b.subscribe(capture.VP8)
		for range 800 {
			if au := b.next(s); isSlate(au) {
				t.Fatal("a slate after the camera came back")
			}
		}
		go func() {
			for {
				if _, err := s.Next(context.Background()); err != nil {
					return
				}
			}
		}()
		<-time.After(5 * time.Second) // lost again, and drawing
		if got := b.state(); got != capture.Lost {
			t.Errorf("state %v", got)
		}
		b.stop()
	})
}

// TestSlateBetweenOddTimes: a camera dates its pictures to when they were taken,
// which may be before the Slate that was shown last.
func TestSlateBetweenOddTimes(t *testing.T) {
	for name, off := range map[string]time.Duration{"taken long ago": -400 * time.Millisecond, "ahead": 200 * time.Millisecond} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newSlateBench(t, 0, nil,
					capturetest.Opening{Frames: 30, End: capturetest.ErrUnplugged, TimeOffset: off},
					capturetest.Opening{OpenErr: capturetest.ErrUnplugged}, capturetest.Opening{OpenErr: capturetest.ErrUnplugged},
					capturetest.Opening{Frames: capturetest.Endless, TimeOffset: off})
				s := b.subscribe(capture.VP8)
				last, changes := b.next(s), 0
				for range 90 {
					au := b.next(s)
					if !au.Time.After(last.Time) {
						t.Fatalf("a picture of %v after one of %v", au.Time, last.Time)
					}
					if isSlate(au) != isSlate(last) {
						changes++
					}
					last = au
				}
				if changes != 2 {
					t.Errorf("%d changes", changes)
				}
				if behind := time.Since(last.Time); behind != -off {
					t.Errorf("the last picture is dated %v ago, want %v", behind, -off)
				}
				b.stop()
			})
		})
	}
}

func TestSlateSize(t *testing.T) {
	_, err := capture.NewSource(capture.SourceConfig{
		Camera: capturetest.NewFakeCamera(testSize), Encoding: capture.EncoderConfig{Bitrate: capture.Mbps, FrameRate: 30},
		Slate: func(size capture.Size, _ capture.Status, _ time.Time) *capture.Frame { return capture.NewFrame(size) },
	})
	if err == nil {
		t.Error("took a slate without a size")
	}
}
