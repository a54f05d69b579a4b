package capture_test

import (
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pushcam/pushcam/capture"
)

func TestKeyframeRequestsAreCoalesced(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		var viewers sync.WaitGroup
		for range 50 {
			s := b.subscribe(capture.H264)
			viewers.Go(func() {
				for range 90 { // about three seconds, in which everybody keeps asking
					b.next(s)
					s.RequestKeyframe()
				}
			})
		}
		viewers.Wait()
		if stats := b.source.Stats(); stats.Keyframes < 9 || stats.Keyframes > 12 {
			t.Errorf("%d keyframes in 3 s, want one in 0.3 s", stats.Keyframes)
		}
		b.stop()
	})
}

func TestLateEncoderSkipsFrames(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		b.encoding = 100 * time.Millisecond // three frames long
		s := b.subscribe(capture.H264)
		for range 12 { // and then its effort would be lowered
			if au := b.next(s); time.Since(au.Time) > 150*time.Millisecond {
				t.Fatalf("picture is %v old: frames queue", time.Since(au.Time))
			}
		}
		if late := b.source.Stats().Drops[capture.DropLate]; late < 18 {
			t.Errorf("%d frames counted as late, want about two of three", late)
		}
		b.stop()
	})
}

func TestEncoderFailureIsSurvived(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		b.fail = 2
		s := b.subscribe(capture.H264)
		got := make(chan *capture.AccessUnit, 1)
		go func() { got <- b.next(s) }()
		b.await(capture.Live)
		<-time.After(500 * time.Millisecond)
		if status, _ := b.source.Status(); status.Detail == "" {
			t.Error("status does not say that the encoder fails")
		}
		if au := <-got; !au.Keyframe {
			t.Error("the first picture of the new encoder is no keyframe")
		}
		synctest.Wait()
		if status, _ := b.source.Status(); status.Detail != "" {
			t.Errorf("status still says %q", status.Detail)
		}
		if b.made != 3 {
			t.Errorf("%d encoders made, want 3", b.made)
		}
		b.stop()
	})
}
