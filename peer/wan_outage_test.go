package peer_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/pushcam/pushcam/peer/peertest"
)

// lan is a path without troubles of its own.
var lan = peertest.Conditions{Delay: 5 * time.Millisecond}

// wireless is an ordinary path to somewhere else.
var wireless = peertest.Conditions{Delay: 25 * time.Millisecond}

// TestShortCut: when nothing passes for three seconds, the picture is back at
// once after that, in the same Session.
func TestShortCut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		wan := peertest.NewWAN(t)
		server := peertest.NewServer(t, wan, peertest.ServerConfig{})
		path := wan.NewPath(wireless)
		v := server.Join(t, path, peertest.ViewerConfig{})
		peertest.Pass(5 * time.Second)
		from := time.Now()
		path.Cut(true)
		peertest.Pass(3 * time.Second)
		path.Cut(false)
		back := time.Now()
		peertest.Pass(10 * time.Second)
		after := v.Watched(back, time.Now()).Decodable()
		if len(after) == 0 {
			t.Fatal("no picture after the cut")
		}
		resumed := after[0].At.Sub(back)
		stood := v.Watched(from.Add(-time.Second), time.Now()).LongestGap()
		t.Logf("picture %v after the path was back, stood still for %v, then age p95 %v", resumed, stood, after.Age(95))
		if resumed > 300*time.Millisecond {
			t.Errorf("picture %v after the path was back, want 300 ms at most", resumed)
		}
		if age := after.Age(95); age > 60*time.Millisecond {
			t.Errorf("pictures are %v old after the cut (p95), want 60 ms at most", age)
		}
		if n := server.Hub.Len(); n != 1 {
			t.Errorf("%d sessions after a short cut", n)
		}
	})
}

// TestLongCut: a viewer of whom nothing is heard is gone within ten seconds,
// and its place is another's.
func TestLongCut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		wan := peertest.NewWAN(t)
		server := peertest.NewServer(t, wan, peertest.ServerConfig{MaxSessions: 2})
		path := wan.NewPath(wireless)
		v := server.Join(t, path, peertest.ViewerConfig{})
		stays := server.Join(t, wan.NewPath(wireless), peertest.ViewerConfig{})
		peertest.Pass(5 * time.Second)
		path.Cut(true)
		cut := time.Now()
		select {
		case <-v.Session.Done():
			t.Logf("gone %v after the cut", time.Since(cut))
			if gone := time.Since(cut); gone > 10*time.Second {
				t.Errorf("gone %v after the cut, want 10 s at most", gone)
			}
		case <-time.After(15 * time.Second):
			t.Fatal("still there 15 s after the cut")
		}
		if stats := server.Source.Stats(); server.Hub.Len() != 1 || stats.Subscriptions != 1 {
			t.Errorf("%d sessions and %d subscriptions left, want one each", server.Hub.Len(), stats.Subscriptions)
		}
		path.Cut(false)
		next := server.Join(t, wan.NewPath(wireless), peertest.ViewerConfig{})
		peertest.Pass(5 * time.Second)
		if next.Stats().FirstKeyframe.IsZero() {
			t.Error("no picture for the next viewer")
		}
		all := stays.Watched(cut, cut.Add(10*time.Second))
		if gap := all.LongestGap(); gap > 100*time.Millisecond || len(all) < 10*peertest.FrameRate-1 {
			t.Errorf("another viewer's picture stood still for %v, with %d pictures in 10 s", gap, len(all))
		}
	})
}

// TestReordering: packets that overtake others are no loss.
func TestReordering(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		wan := peertest.NewWAN(t)
		server := peertest.NewServer(t, wan, peertest.ServerConfig{})
		conditions := wireless
		conditions.Jitter = 10 * time.Millisecond
		conditions.Reorder, conditions.ReorderBy = 0.05, 8*time.Millisecond
		v := server.Join(t, wan.NewPath(conditions), peertest.ViewerConfig{})
		peertest.Pass(5 * time.Second)
		from, before := time.Now(), v.Stats()
		peertest.Pass(30 * time.Second)
		to := time.Now()
		peertest.Pass(time.Second)
		got, stats := v.Watched(from, to), v.Stats()
		t.Logf("%d pictures, age p50 %v p99 %v, %d packets reordered, %d asked for again, %d lost",
			len(got.Decodable()), got.Age(50), got.Age(99), stats.PacketsReordered, v.Session.Stats().NACK, stats.PacketsLost)
		if want := 30 * peertest.FrameRate; got.Within(100*time.Millisecond) != want {
			t.Errorf("%d pictures within 100 ms, want all %d", got.Within(100*time.Millisecond), want)
		}
		if asked := stats.KeyframeRequests - before.KeyframeRequests; stats.PacketsReordered == 0 || stats.PacketsLost != 0 || asked != 0 {
			t.Errorf("%d packets reordered, %d lost, %d keyframe requests", stats.PacketsReordered, stats.PacketsLost, asked)
		}
	})
}

// TestJoinOverLossyPath: a join survives what it loses.
func TestJoinOverLossyPath(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		wan := peertest.NewWAN(t)
		server := peertest.NewServer(t, wan, peertest.ServerConfig{})
		conditions := wireless
		conditions.Loss = 0.1
		var longest time.Duration
		for range 20 {
			v := server.Join(t, wan.NewPath(conditions), peertest.ViewerConfig{})
			peertest.Pass(10 * time.Second)
			join := v.Stats().JoinTime()
			if join == 0 {
				t.Error("no picture within 10 s")
			}
			longest = max(longest, join)
			if err := v.Leave(); err != nil {
				t.Error(err)
			}
		}
		t.Logf("the longest of 20 joins took %v", longest)
		if longest > 3*time.Second {
			t.Errorf("a join took %v, want 3 s at most", longest)
		}
	})
}
