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

func TestSubscriptionStartsOverAfterOverflow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		slow, steady := b.subscribe(capture.H264), b.subscribe(capture.H264)
		b.next(slow)
		b.next(steady)
		before := steady.Drops()
		missed := 0
		for range 60 {
			b.next(steady)
		}
		for range 30 {
			b.next(steady)
			overflow := slow.Drops()[capture.DropOverflow]
			au := b.next(slow)
			if missed == 0 && overflow > 0 {
				missed = int(overflow)
				if !au.Keyframe {
					t.Error("what came after the drop is no keyframe")
				}
			}
		}
		if missed == 0 {
			t.Error("a viewer that read nothing for two seconds lost nothing")
		}
		if drops := steady.Drops(); drops != before {
			t.Errorf("the steady viewer lost %v", drops)
		}
		b.stop()
	})
}

func TestUnreadSubscriptionOnlyHoldsTheCamera(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		s := b.subscribe(capture.H264)
		b.await(capture.Live)
		<-time.After(10 * time.Second)
		if drops := s.Drops(); drops != (capture.Drops{}) {
			t.Errorf("dropped %v before the first Next", drops)
		}
		if stats := b.source.Stats(); stats.AccessUnits != 0 || stats.Drops != (capture.Drops{}) {
			t.Errorf("%d pictures encoded for nobody, %v dropped", stats.AccessUnits, stats.Drops)
		}
		if au := b.next(s); !au.Keyframe || time.Since(au.Time) > 100*time.Millisecond {
			t.Errorf("first picture: keyframe %t, %v old", au.Keyframe, time.Since(au.Time))
		}
		b.stop()
	})
}

func TestNextHeedsItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, capturetest.Opening{})
		s := b.subscribe(capture.H264)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := s.Next(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Next: %v", err)
		}
		b.stop()
	})
}

func TestViewersThatJoinTogetherShareAKeyframe(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		first := b.subscribe(capture.H264)
		keyframe := b.next(first)
		for joined := 0; joined < 5; joined++ {
			second := b.subscribe(capture.H264)
			start := time.Now()
			if au := b.next(second); au != keyframe {
				t.Errorf("viewer %d begins with a picture of its own", joined)
			}
			for range joined {
				b.next(second) // what came since
			}
			if waited := time.Since(start); waited != 0 {
				t.Errorf("viewer %d waited %v for what was there", joined, waited)
			}
			if mine, theirs := b.next(second), b.next(first); mine != theirs {
				t.Errorf("viewer %d goes on with another picture", joined)
			}
		}
		if stats := b.source.Stats(); stats.Keyframes != 1 {
			t.Errorf("%d keyframes", stats.Keyframes)
		}
		b.stop()
	})
}

func TestNoViewerBeginsWithAnOldPicture(t *testing.T) {
	for name, script := range map[string][]capturetest.Opening{
		"keyframe long ago": {{Frames: capturetest.Endless}},
		"camera lost":       {{Frames: 3, End: capturetest.ErrUnplugged}, {OpenDelay: 10 * time.Second, Frames: capturetest.Endless}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBench(t, script...)
				first := b.subscribe(capture.H264)
				b.next(first)
				go func() {
					for {
						if _, err := first.Next(context.Background()); err != nil {
							return
						}
					}
				}()
				<-time.After(5 * time.Second)
				if au := b.next(b.subscribe(capture.H264)); !au.Keyframe || time.Since(au.Time) > 100*time.Millisecond {
					t.Errorf("begins with a picture %v old, keyframe %t", time.Since(au.Time), au.Keyframe)
				}
				b.stop()
			})
		})
	}
}

// TestPollAfterNotify: a reader that polls only when it is told to gets what
// one that waits gets.
func TestPollAfterNotify(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		waiting, polling := b.subscribe(capture.H264), b.subscribe(capture.H264)
		notified := make(chan struct{}, 1)
		polling.Notify(func() {
			select {
			case notified <- struct{}{}:
			default:
			}
		})
		<-time.After(time.Second)
		if len(notified) != 0 {
			t.Error("notified before the first Poll")
		}
		notified <- struct{}{} // the first Poll is the reader's own idea
		for range 30 {
			want := b.next(waiting)
			var got *capture.AccessUnit
			for got == nil {
				<-notified
				for au := poll(t, polling); au != nil; au = poll(t, polling) {
					if got != nil {
						t.Fatal("two pictures, while the other reader got one")
					}
					got = au
				}
			}
			if got != want {
				t.Fatalf("picture of %v, want that of %v", got.Time, want.Time)
			}
		}
		b.stop()
		<-notified
		if _, err := polling.Poll(); !errors.Is(err, capture.ErrClosed) {
			t.Errorf("poll after the end: %v", err)
		}
	})
}

func poll(t *testing.T, s *capture.Subscription) *capture.AccessUnit {
	t.Helper()
	au, err := s.Poll()
	if err != nil {
		t.Fatal(err)
	}
	return au
}
