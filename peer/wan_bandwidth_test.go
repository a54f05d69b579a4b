package peer_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pushcam/pushcam/capture"
	"github.com/pushcam/pushcam/peer/peertest"
)

// narrow is a path to which 2 Mbit/s fit, with a queue of so many bytes before
// its bottleneck: 24 KB are 0.4 s at 0.5 Mbit/s.
func narrow(queue int) peertest.Conditions {
	return peertest.Conditions{Delay: 25 * time.Millisecond, Rate: 2 * capture.Mbps, Queue: queue, Burst: 3000}
}

// kindOfViewer is how a viewer tells what its path carries.
type kindOfViewer struct {
	name string
	cfg  peertest.ViewerConfig
}

// kindsOfViewer: Chromium estimates, and tells at once. Others report each second
// what came, and ask for what is lost.
var kindsOfViewer = []kindOfViewer{
	{"estimating", peertest.ViewerConfig{Estimates: true}},
	{"only reporting", peertest.ViewerConfig{}},
}

// TestBandwidthDrops: the path carries 2 Mbit/s, then 0.5, then 2 again; it
// changes at this moment or that between two reports.
func TestBandwidthDrops(t *testing.T) {
	for _, kind := range kindsOfViewer {
		for _, queue := range []int{24 << 10, 40 << 10} {
			for _, after := range []time.Duration{20 * time.Second, 20400 * time.Millisecond} {
				t.Run(fmt.Sprintf("%s, queue of %d, after %v", kind.name, queue, after), func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) { testBandwidthDrops(t, kind, queue, after) })
				})
			}
		}
	}
}

func testBandwidthDrops(t *testing.T, kind kindOfViewer, queue int, after time.Duration) {
	wan := peertest.NewWAN(t)
	server := peertest.NewServer(t, wan, peertest.ServerConfig{Bitrate: 1500 * capture.Kbps})
	path := wan.NewPath(narrow(queue))
	v := server.Join(t, path, kind.cfg)
	start := time.Now()
	peertest.Pass(after)

	path.Down.Change(func(c *peertest.Conditions) { c.Rate = 500 * capture.Kbps })
	down := time.Now()
	peertest.Pass(3 * time.Second)
	_ = path.Down.Stats() // what waited until now
	peertest.Pass(27 * time.Second)
	waited := path.Down.Stats().Wait

	path.Down.Change(func(c *peertest.Conditions) { c.Rate = 2 * capture.Mbps })
	up := time.Now()
	peertest.Pass(40 * time.Second)
	end := time.Now()
	peertest.Pass(time.Second)

	before, narrowed, widened := v.Watched(start, down), v.Watched(down, up), v.Watched(up, end)
	t.Logf("at 2 Mbit/s:        %v", before.Describe(down.Sub(start)))
	t.Logf("then at 0.5 Mbit/s: %v, after 3 s packets waited for %v", narrowed.Describe(up.Sub(down)), waited)
	t.Logf("then at 2 Mbit/s:   %v", widened.Describe(end.Sub(up)))
	if n := len(before.Switches()); n != 0 || before.Age(95) > 150*time.Millisecond {
		t.Errorf("at 2 Mbit/s: %d switches, age p95 %v", n, before.Age(95))
	}
	held(t, "down", narrowed.Switches(), down, 2*time.Second)
	held(t, "up", widened.Switches(), up, 20*time.Second)
	if limit := 300 * time.Millisecond; waited > limit {
		t.Errorf("3 s after the drop packets waited for %v, want %v at most", waited, limit)
	}
	if gap, limit := narrowed.LongestGap(), 1300*time.Millisecond; gap > limit {
		t.Errorf("after the drop the picture stood still for %v, want %v at most", gap, limit)
	}
	if last, first := widened[len(widened)-1].Size, before[0].Size; last != first {
		t.Errorf("the picture is %v at the end, %v in the beginning", last, first)
	}
}

// held checks that there is one switch, in time.
func held(t *testing.T, way string, switches []peertest.Switch, since time.Time, limit time.Duration) {
	t.Helper()
	if len(switches) != 1 {
		t.Errorf("%d switches %s, want one", len(switches), way)
	}
	if len(switches) > 0 {
		took := switches[0].Captured.Sub(since)
		t.Logf("a step %s after %v", way, took)
		if took > limit {
			t.Errorf("a step %s after %v, want %v at most", way, took, limit)
		}
	}
}

// TestNarrowNeighbour: a viewer whose path carries little does not lower what
// another one sees for longer than it takes to move it elsewhere.
func TestNarrowNeighbour(t *testing.T) {
	for _, kind := range kindsOfViewer {
		t.Run(kind.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				wan := peertest.NewWAN(t)
				server := peertest.NewServer(t, wan, peertest.ServerConfig{Bitrate: 1500 * capture.Kbps})
				good := server.Join(t, wan.NewPath(lan), kind.cfg)
				peertest.Pass(10 * time.Second)
				start := time.Now()
				peertest.Pass(20 * time.Second)
				joined := time.Now()
				conditions := narrow(32 << 10)
				conditions.Rate = 300 * capture.Kbps
				bad := server.Join(t, wan.NewPath(conditions), kind.cfg)
				peertest.Pass(30 * time.Second)
				settled := time.Now()
				peertest.Pass(30 * time.Second)
				end := time.Now()
				peertest.Pass(time.Second)

				alone, first, then := good.Watched(start, joined), good.Watched(joined, settled), good.Watched(settled, end)
				t.Logf("alone:   %v", alone.Describe(joined.Sub(start)))
				t.Logf("at once: %v", first.Describe(settled.Sub(joined)))
				t.Logf("then:    %v", then.Describe(end.Sub(settled)))
				t.Logf("the other: %v", bad.Watched(settled, end).Describe(end.Sub(settled)))
				for _, w := range []peertest.Watched{alone, first, then} {
					if len(w.Switches()) > 0 || w.LongestGap() > 100*time.Millisecond || w.Age(99) > 50*time.Millisecond {
						t.Errorf("%d switches, longest gap %v, age p99 %v", len(w.Switches()), w.LongestGap(), w.Age(99))
					}
				}
				before, after := alone.Bitrate(joined.Sub(start)), then.Bitrate(end.Sub(settled))
				if after < before*95/100 || after > before*105/100 {
					t.Errorf("bitrate %v became %v", before, after)
				}
				if w := bad.Watched(settled, end); w.Age(95) > 500*time.Millisecond || len(w.Decodable()) < 20*30 {
					t.Errorf("the other sees %d pictures, age p95 %v", len(w.Decodable()), w.Age(95))
				}
			})
		})
	}
}
