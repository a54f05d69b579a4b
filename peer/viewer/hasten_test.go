package viewer_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/pion/webrtc/v4"

	"github.com/pushcam/pushcam/capture"
	"github.com/pushcam/pushcam/peer/viewer"
)

// TestHasten: the library alone looks after 200 ms whether its checks were
// answered, and an ICE-lite sender waits for that.
func TestHasten(t *testing.T) {
	for _, tt := range []struct{ roundTrip, want time.Duration }{
		{0, 10 * time.Millisecond},
		{20 * time.Millisecond, 60 * time.Millisecond},
		{100 * time.Millisecond, 230 * time.Millisecond},
	} {
		t.Run(tt.roundTrip.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := newDistance(t, tt.roundTrip/2)
				s := newSender(t, capture.VP8, l.nets[0], func(s *webrtc.SettingEngine) { s.SetLite(true) })
				v := start(t, t.Context(), viewer.Config{Network: newNetwork(t, l.nets[1])})
				s.offerTo(t, v.Viewer)
				s.send(t, nil)
				v.until(t, "keyframe", nth(1))
				if steps := v.Stats().Steps(); steps.ICE < tt.roundTrip || steps.ICE > tt.want {
					t.Errorf("ICE took %v, want %v at most: %+v", steps.ICE, tt.want, steps)
				}
			})
		})
	}
}
