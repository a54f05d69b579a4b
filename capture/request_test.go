package capture_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/pushcam/pushcam/capture"
)

// TestRequestKeyframes: each encoder gives one.
func TestRequestKeyframes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		if n := b.source.RequestKeyframes(); n != 0 {
			t.Errorf("%d encoders while nobody looks", n)
		}
		all := []*capture.Subscription{b.subscribe(capture.H264), b.subscribe(capture.VP8)}
		for _, s := range all {
			go func() { // ends with the source
				for _, err := s.Next(t.Context()); err == nil; _, err = s.Next(t.Context()) {
				}
			}()
		}
		<-time.After(time.Second)
		before := b.source.Stats().Keyframes
		if n := b.source.RequestKeyframes(); n != 2 {
			t.Errorf("%d encoders for two codecs", n)
		}
		<-time.After(time.Second)
		if n := b.source.Stats().Keyframes - before; n != 2 {
			t.Errorf("%d keyframes, want one of each", n)
		}
		b.stop()
	})
}
