package peer_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pushcam/pushcam/capture"
	"github.com/pushcam/pushcam/peer/peertest"
)

// TestStep is of a path that carries a quarter of the bitrate for a while. Its
// viewer gets smaller pictures within two seconds, and no old ones from the third
// on; within twenty seconds of its end it has the full size again. It moves once
// each time, and another viewer keeps its picture.
func TestStep(t *testing.T) {
	const delay = 25 * time.Millisecond
	for _, codec := range capture.Codecs() {
		for _, estimates := range []bool{false, true} {
			t.Run(fmt.Sprintf("%v REMB %v", codec, estimates), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					wan := peertest.NewWAN(t)
					server := peertest.NewServer(t, wan, peertest.ServerConfig{Bitrate: 2 * capture.Mbps, Codecs: []capture.Codec{codec}})
					other := server.Join(t, wan.NewPath(lan), peertest.ViewerConfig{Estimates: estimates})
					path := wan.NewPath(peertest.Conditions{Delay: delay, Rate: 2300 * capture.Kbps, Queue: 50_000, Burst: 5000})
					v := server.Join(t, path, peertest.ViewerConfig{Estimates: estimates})
					peertest.Pass(15 * time.Second)
					begin := time.Now()
					path.Down.Change(func(c *peertest.Conditions) { c.Rate = 500 * capture.Kbps })
					peertest.Pass(25 * time.Second)
					end := time.Now()
					path.Down.Change(func(c *peertest.Conditions) { c.Rate = 2300 * capture.Kbps })
					peertest.Pass(20 * time.Second)
					now := time.Now()

					all, narrow := v.Watched(begin, now), v.Watched(begin.Add(3*time.Second), end)
					t.Logf("three seconds after the step: %s, oldest %v", narrow.Describe(22*time.Second), narrow.Age(100))
					switches := all.Switches()
					for _, s := range switches {
						t.Logf("%v, %v after the step", s, s.Captured.Sub(begin))
					}
					if len(switches) != 2 || switches[0].Captured.Sub(begin) > 2*time.Second || !switches[1].Captured.After(end) {
						t.Error("want one switch down within 2 s, and one up within 20 s")
					}
					for _, p := range narrow.Decodable() {
						if p.Age() > delay+300*time.Millisecond {
							t.Errorf("%v after the step a picture %v old", p.Captured.Sub(begin), p.Age())
							break
						}
					}
					if got := narrow.Bitrate(22 * time.Second); got < 300*capture.Kbps {
						t.Errorf("of 500 kbit/s, %v were used", got)
					}
					seen := other.Watched(begin, now)
					t.Logf("another viewer: %s", seen.Describe(45*time.Second))
					if len(seen.Switches()) > 0 || seen.LongestGap() > 100*time.Millisecond {
						t.Error("another viewer's picture suffered")
					}
				})
			})
		}
	}
}
