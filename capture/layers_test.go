package capture_test

import (
	"testing"
	"testing/synctest"

	"github.com/pushcam/pushcam/capture"
	"github.com/pushcam/pushcam/capture/capturetest"
)

// TestLayersOnDemand: pictures are in layers while one of the readers asks for
// that, and as long as it is there.
func TestLayersOnDemand(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBenchOf(t, capturetest.NewFakeCamera(testSize), func(cfg *capture.SourceConfig) {
			cfg.Encoders[capture.VP8] = func(config capture.EncoderConfig) (capture.Encoder, error) {
				return capturetest.NewFakeEncoder(capture.VP8, config)
			}
		})
		calm, weak, other := b.subscribe(capture.VP8), b.subscribe(capture.VP8), b.subscribe(capture.H264)
		// top lets what was asked for take effect, and returns the highest layer
		// after that.
		top := func() (top uint8) {
			for i := range 20 {
				b.next(weak)
				b.next(other)
				if au := b.next(calm); i >= 8 {
					top = max(top, au.Layer)
				}
			}
			return top
		}
		if got := top(); got != 0 {
			t.Errorf("layers up to %d, and nobody asked", got)
		}
		other.SetLayered(true) // of an encoder that knows none
		if got := top(); got != 0 {
			t.Errorf("layers up to %d for a viewer of another codec", got)
		}
		weak.SetLayered(true)
		if got := top(); got != 2 {
			t.Errorf("layers up to %d when they are asked for, want 2", got)
		}
		weak.SetLayered(false)
		if got := top(); got != 0 {
			t.Errorf("layers up to %d when nobody needs them any more", got)
		}
		weak.SetLayered(true)
		top()
		if err := weak.Close(); err != nil {
			t.Fatal(err)
		}
		weak = calm // reads on
		if got := top(); got != 0 {
			t.Errorf("layers up to %d when the viewer that needed them has gone", got)
		}
		b.stop()
	})
}
