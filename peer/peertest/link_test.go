package peertest

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pushcam/pushcam/capture"
)

// crossing is one packet of a test.
type crossing struct {
	n    int
	took time.Duration
}

// cross sends n packets of 1000 bytes on the wire, one at each interval, and
// returns those that arrive.
func cross(l *Link, n int, interval time.Duration) (arrived []crossing) {
	for i := range n {
		sent := time.Now()
		l.send(1000-ipOverhead, func() {
			arrived = append(arrived, crossing{i, time.Since(sent)})
		})
		Pass(interval)
	}
	Pass(time.Hour)
	return arrived
}

// inOrder reports whether no packet overtook another.
func inOrder(arrived []crossing) bool {
	for i := 1; i < len(arrived); i++ {
		if arrived[i].n < arrived[i-1].n {
			return false
		}
	}
	return true
}

func TestLink(t *testing.T) {
	const ms = time.Millisecond
	for _, tt := range []struct {
		name     string
		c        Conditions
		packets  int
		interval time.Duration
		check    func(t *testing.T, arrived []crossing, stats LinkStats)
	}{
		{"perfect", Conditions{}, 100, 0, func(t *testing.T, arrived []crossing, _ LinkStats) {
			if len(arrived) != 100 || !inOrder(arrived) || arrived[99].took != 0 {
				t.Errorf("%d arrived, the last after %v", len(arrived), arrived[99].took)
			}
		}},
		{"delay", Conditions{Delay: 25 * ms}, 100, ms, func(t *testing.T, arrived []crossing, _ LinkStats) {
			for _, a := range arrived {
				if a.took != 25*ms {
					t.Errorf("packet %d took %v", a.n, a.took)
				}
			}
		}},
		{"jitter", Conditions{Delay: 25 * ms, Jitter: 10 * ms}, 1000, ms, func(t *testing.T, arrived []crossing, _ LinkStats) {
			varied := false
			for _, a := range arrived {
				varied = varied || a.took != arrived[0].took
				if a.took < 25*ms || a.took >= 35*ms {
					t.Errorf("packet %d took %v", a.n, a.took)
				}
			}
			if !varied || !inOrder(arrived) {
				t.Errorf("varied %t, in order %t", varied, inOrder(arrived))
			}
		}},
		{"loss", Conditions{Loss: 0.1}, 10000, 0, func(t *testing.T, arrived []crossing, stats LinkStats) {
			if n := len(arrived); n < 8800 || n > 9200 || stats.Lost != uint64(10000-n) {
				t.Errorf("%d of 10000 arrived, %d counted as lost", n, stats.Lost)
			}
		}},
		{"down", Conditions{Down: true}, 100, 0, func(t *testing.T, arrived []crossing, stats LinkStats) {
			if len(arrived) != 0 || stats.Lost != 100 {
				t.Errorf("%d arrived, %d counted as lost", len(arrived), stats.Lost)
			}
		}},
		{"reordering", Conditions{Reorder: 0.1, ReorderBy: 5 * ms}, 1000, ms, func(t *testing.T, arrived []crossing, _ LinkStats) {
			late := 0
			for _, a := range arrived {
				if a.took == 5*ms {
					late++
				}
			}
			if late < 60 || late > 140 || len(arrived) != 1000 || inOrder(arrived) {
				t.Errorf("%d of %d were held back", late, len(arrived))
			}
		}},
		{"rate, without a queue to speak of", Conditions{Rate: 8 * capture.Mbps}, 100, 2 * ms, func(t *testing.T, arrived []crossing, _ LinkStats) {
			for _, a := range arrived {
				// The first packet finds no tokens yet.
				if a.took > ms+10 {
					t.Errorf("packet %d took %v", a.n, a.took)
				}
			}
			if len(arrived) != 100 {
				t.Errorf("%d arrived", len(arrived))
			}
		}},
		{"rate, with a queue that overflows", Conditions{Rate: 8 * capture.Mbps, Queue: 10000}, 1000, ms / 2, func(t *testing.T, arrived []crossing, stats LinkStats) {
			// One packet each millisecond passes, two come, and ten wait.
			if n := len(arrived); n < 505 || n > 515 || stats.Dropped != uint64(1000-n) {
				t.Errorf("%d arrived, %d dropped", n, stats.Dropped)
			}
			if !inOrder(arrived) || stats.Wait < 9*ms || stats.Wait > 10*ms+100 {
				t.Errorf("in order %t, the longest wait was %v", inOrder(arrived), stats.Wait)
			}
		}},
		{"rate, with a burst", Conditions{Rate: 8 * capture.Mbps, Queue: 10000, Burst: 3000}, 20, 10 * ms, func(t *testing.T, arrived []crossing, stats LinkStats) {
			if last := arrived[len(arrived)-1]; last.took != 0 {
				t.Errorf("the last took %v, after a pause", last.took)
			}
			if stats.Bytes != 20000 {
				t.Errorf("%d bytes delivered", stats.Bytes)
			}
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := newLink(tt.c, 1)
				defer l.close()
				arrived := cross(l, tt.packets, tt.interval)
				tt.check(t, arrived, l.Stats())
			})
		})
	}
}

// TestLinkChanges: what waits when the rate changes leaves at the new one.
func TestLinkChanges(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLink(Conditions{Rate: 8 * capture.Kbps, Queue: 1e6}, 1) // a packet each second
		defer l.close()
		start := time.Now()
		var took []time.Duration
		for range 4 {
			l.send(1000-ipOverhead, func() { took = append(took, time.Since(start).Round(time.Millisecond)) })
		}
		Pass(2500 * time.Millisecond)
		l.Change(func(c *Conditions) { c.Rate = 80 * capture.Kbps })
		Pass(time.Minute)
		want := []time.Duration{time.Second, 2 * time.Second, 2550 * time.Millisecond, 2650 * time.Millisecond}
		if !slices.Equal(took, want) {
			t.Errorf("arrived after %v, want %v", took, want)
		}
	})
}

// TestLinkRepeats: the same seed loses the same packets.
func TestLinkRepeats(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		numbers := func() (n []int) {
			l := newLink(Conditions{Loss: 0.5}, 7)
			defer l.close()
			for _, a := range cross(l, 100, time.Millisecond) {
				n = append(n, a.n)
			}
			return n
		}
		if first, again := numbers(), numbers(); !slices.Equal(first, again) {
			t.Errorf("%v, then %v", first, again)
		}
	})
}
