package peer_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/pushcam/pushcam/capture"
	"github.com/pushcam/pushcam/peer/peertest"
)

// watchedFor is how long the tests of loss look.
const watchedFor = 30 * time.Second

// TestLoss holds which share of the pictures is there in time when packets get
// lost at random, in both directions: 150 ms is what a round trip of 50 leaves
// for one repair.
func TestLoss(t *testing.T) {
	for _, tt := range []struct {
		name string
		path peertest.Conditions
		want float64 // share of pictures
	}{
		{"none", peertest.Conditions{Delay: 25 * time.Millisecond}, 1},
		{"2 %", peertest.Conditions{Delay: 25 * time.Millisecond, Loss: 0.02}, 0.97},
		{"10 %", peertest.Conditions{Delay: 25 * time.Millisecond, Loss: 0.10}, 0.80},
	} {
		for _, codec := range capture.Codecs() {
			t.Run(tt.name+" "+codec.String(), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					wan := peertest.NewWAN(t)
					server := peertest.NewServer(t, wan, peertest.ServerConfig{Codecs: []capture.Codec{codec}})
					v := server.Join(t, wan.NewPath(tt.path), peertest.ViewerConfig{})
					peertest.Pass(5 * time.Second)
					from := time.Now()
					peertest.Pass(watchedFor)
					to := time.Now()
					peertest.Pass(time.Second)
					got := v.Watched(from, to)
					all := int(watchedFor.Seconds() * peertest.FrameRate)
					share := float64(got.Within(150*time.Millisecond)) / float64(all)
					stats, sent := v.Stats(), v.Session.Stats()
					t.Logf("%.1f %% of %d pictures within 150 ms, %d decodable at all, age p50 %v p95 %v p99 %v, longest gap %v",
						100*share, all, len(got.Decodable()), got.Age(50), got.Age(95), got.Age(99), got.LongestGap())
					t.Logf("%d packets, %d lost for good, %d asked for again, %d sent again, %d keyframe requests, bitrate %v",
						stats.PacketsReceived, stats.PacketsLost, sent.NACK, sent.Resent, stats.KeyframeRequests, got.Bitrate(watchedFor))
					if share < tt.want {
						t.Errorf("%.1f %% of the pictures within 150 ms, want %.0f %%", 100*share, 100*tt.want)
					}
				})
			})
		}
	}
}

// TestBadNeighbour: a viewer with a bad path costs others nothing.
func TestBadNeighbour(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		wan := peertest.NewWAN(t)
		server := peertest.NewServer(t, wan, peertest.ServerConfig{})
		good := server.Join(t, wan.NewPath(lan), peertest.ViewerConfig{})
		peertest.Pass(5 * time.Second)
		before := time.Now()
		peertest.Pass(watchedFor)
		joined := time.Now()
		conditions := wireless
		conditions.Loss = 0.2
		bad := server.Join(t, wan.NewPath(conditions), peertest.ViewerConfig{})
		peertest.Pass(watchedFor)
		to := time.Now()
		peertest.Pass(time.Second)
		alone, together := good.Watched(before, joined), good.Watched(joined, to)
		t.Logf("alone: %d pictures, %v, longest gap %v", len(alone.Decodable()), alone.Bitrate(watchedFor), alone.LongestGap())
		t.Logf("beside one that loses 20 %%: %d pictures, %v, longest gap %v", len(together.Decodable()), together.Bitrate(watchedFor), together.LongestGap())
		t.Logf("which had %d pictures and asked for %d keyframes", len(bad.Watched(joined, to).Decodable()), bad.Session.Stats().PLI)
		if len(together.Decodable()) != len(alone.Decodable()) || together.LongestGap() > 50*time.Millisecond {
			t.Error("pictures are missing")
		}
		if a, b := alone.Bitrate(watchedFor), together.Bitrate(watchedFor); b < a*95/100 || b > a*120/100 {
			t.Errorf("bitrate %v became %v", a, b)
		}
		if bad.Watched(joined, to).Within(time.Second) == 0 {
			t.Error("the other saw nothing")
		}
	})
}
