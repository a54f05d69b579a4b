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
		if stats := b.source.Stats(); stats.Keyframes != 1 {
			t.Errorf("%d keyframes for nobody", stats.Keyframes)
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
