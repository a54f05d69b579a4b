package peer_test

import (
	"math/rand/v2"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pushcam/pushcam/capture"
	"github.com/pushcam/pushcam/peer/peertest"
)

// TestChurn: viewers come and go at random, over paths good and bad, and leave
// in every way there is. Nothing of them is left, and those who stay notice
// nothing. With the variable SOAK, as for make soak, there are 500 in five
// minutes.
func TestChurn(t *testing.T) {
	joins, duration := 100, time.Minute
	if os.Getenv("SOAK") != "" {
		joins, duration = 500, 5*time.Minute
	}
	synctest.Test(t, func(t *testing.T) {
		wan := peertest.NewWAN(t)
		server := peertest.NewServer(t, wan, peertest.ServerConfig{Codecs: capture.Codecs(), Bitrate: 500 * capture.Kbps})
		var stay []*peertest.Viewer
		for _, codec := range capture.Codecs() {
			stay = append(stay, server.Join(t, wan.NewPath(lan), peertest.ViewerConfig{Codecs: []capture.Codec{codec}, Estimates: true}))
		}
		peertest.Pass(10 * time.Second)
		before := measure(server)
		from := time.Now()

		random := rand.New(rand.NewPCG(1, 1))
		var visits sync.WaitGroup
		var seen atomic.Int64
		for n := range joins {
			visits.Go(func() { seen.Add(visit(t, wan, server, uint64(n))) })
			peertest.Pass(time.Duration(random.Int64N(int64(2 * duration / time.Duration(joins)))))
		}
		visits.Wait()
		to := time.Now()
		peertest.Pass(15 * time.Second) // the silent ones take ten

		after := measure(server)
		t.Logf("%d joins in %v, of which %d saw pictures", joins, to.Sub(from).Round(time.Second), seen.Load())
		t.Logf("before: %+v", before)
		t.Logf("after:  %+v", after)
		if seen.Load() < int64(joins)/2 {
			t.Errorf("%d of %d viewers saw a picture", seen.Load(), joins)
		}
		if after.sessions != len(stay) || after.subscriptions != len(stay) || after.goroutines > before.goroutines || after.ports > before.ports {
			t.Errorf("left behind: %+v, before %+v", after, before)
		}
		// What is kept for later, and what those who stay have seen.
		if after.heap > before.heap+8e6 {
			t.Errorf("heap grew from %d to %d", before.heap, after.heap)
		}
		for _, v := range stay {
			w := v.Watched(from, to)
			t.Logf("who stayed saw %s", w.Describe(to.Sub(from)))
			if gap := w.LongestGap(); gap > 500*time.Millisecond {
				t.Errorf("who stayed saw the picture stand still for %v", gap)
			}
			if n, want := len(w.Decodable()), int(to.Sub(from).Seconds()*peertest.FrameRate); n < want*99/100 {
				t.Errorf("who stayed saw %d of %d pictures", n, want)
			}
		}
	})
}

// visit is one viewer's stay; it returns 1 when it saw a picture. The number
// chooses what it is like.
func visit(t *testing.T, wan *peertest.WAN, server *peertest.Server, number uint64) int64 {
	random := rand.New(rand.NewPCG(number, 1))
	path := wan.NewPath(peertest.Conditions{
		Delay: time.Duration(random.Int64N(int64(100 * time.Millisecond))), Loss: 0.1 * random.Float64(),
	})
	defer path.Close()
	codecs := [][]capture.Codec{nil, {capture.H264}, {capture.VP8}}[random.IntN(3)]
	v, err := server.TryJoin(path, peertest.ViewerConfig{Codecs: codecs, Estimates: random.IntN(2) == 0})
	if err != nil {
		t.Error(err)
		return 0
	}
	<-time.After(time.Duration(random.Int64N(int64(5 * time.Second))))
	switch random.IntN(3) {
	case 0: // the page is closed
	case 1: // the signaling ends
		if err := v.Session.Close(); err != nil {
			t.Error(err)
		}
	case 2: // the battery is empty
		path.Cut(true)
	}
	if err := v.Leave(); err != nil {
		t.Error(err)
	}
	return min(int64(v.Stats().Pictures), 1)
}

// left is what viewers may leave behind.
type left struct {
	sessions, subscriptions, goroutines, ports int
	heap                                       uint64
}

func measure(server *peertest.Server) left {
	synctest.Wait()
	runtime.GC()
	runtime.GC()
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	return left{
		sessions: server.Hub.Len(), subscriptions: server.Source.Stats().Subscriptions,
		goroutines: runtime.NumGoroutine(), ports: server.Ports(), heap: memory.HeapAlloc,
	}
}
