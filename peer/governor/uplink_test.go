package governor

import (
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/pushcam/pushcam/capture"
)

func TestUplink(t *testing.T) {
	const k = capture.Kbps
	for name, c := range map[string]struct {
		limit         capture.Bitrate
		demands, want []capture.Bitrate
	}{
		"no limit":              {0, []capture.Bitrate{5000 * k, 9000 * k}, []capture.Bitrate{5000 * k, 9000 * k}},
		"enough":                {11_000 * k, []capture.Bitrate{2000 * k, 3000 * k}, []capture.Bitrate{2000 * k, 3000 * k}},
		"equal parts":           {2200 * k, []capture.Bitrate{2000 * k, 2000 * k}, []capture.Bitrate{1000 * k, 1000 * k}},
		"what one leaves":       {2200 * k, []capture.Bitrate{200 * k, 2000 * k, 2000 * k}, []capture.Bitrate{200 * k, 900 * k, 900 * k}},
		"what two leave":        {3300 * k, []capture.Bitrate{200 * k, 2000 * k, 300 * k}, []capture.Bitrate{200 * k, 2000 * k, 300 * k}},
		"one who wants nothing": {1100 * k, []capture.Bitrate{0, 2000 * k}, []capture.Bitrate{0, 1000 * k}},
	} {
		t.Run(name, func(t *testing.T) {
			u := NewUplink(c.limit)
			var shares []*Share
			for _, d := range c.demands {
				shares = append(shares, u.Join(d))
			}
			for i, s := range shares {
				if got := s.Demand(c.demands[i]); got != c.want[i] {
					t.Errorf("viewer %d gets %v, want %v", i, got, c.want[i])
				}
			}
		})
	}
}

// TestUplinkFollows holds that what a viewer gives back, by a path that got
// worse or by leaving, is there for the others.
func TestUplinkFollows(t *testing.T) {
	u := NewUplink(2200 * capture.Kbps)
	a, b := u.Join(2*capture.Mbps), u.Join(2*capture.Mbps)
	b.Demand(300 * capture.Kbps)
	if got := a.Demand(2 * capture.Mbps); got != 1700*capture.Kbps {
		t.Errorf("beside a viewer of 300k: %v", got)
	}
	b.Leave()
	b.Leave()
	if got := a.Demand(2 * capture.Mbps); got != 2*capture.Mbps {
		t.Errorf("alone: %v", got)
	}
	if got := a.Demand(3 * capture.Mbps); got != 2*capture.Mbps {
		t.Errorf("alone, with more than the limit: %v", got)
	}
}

// TestUplinkHolds holds that viewers whose demands change, and who come and go,
// never get much more than the limit together, nor much less than they could.
func TestUplinkHolds(t *testing.T) {
	const limit = 20e6
	u := NewUplink(limit)
	random := rand.New(rand.NewPCG(5, 6))
	demands := map[*Share]capture.Bitrate{}
	for range 20_000 {
		switch {
		case len(demands) < 5 || random.IntN(50) == 0 && len(demands) < 60:
			demands[u.Join(2*capture.Mbps)] = 2 * capture.Mbps
		case random.IntN(60) == 0:
			for s := range demands {
				s.Leave()
				delete(demands, s)
				break
			}
		}
		for s, d := range demands {
			demands[s] = max(d*capture.Bitrate(90+random.IntN(22))/100, 100*capture.Kbps)
			s.Demand(demands[s])
			break
		}
		var wanted, granted float64
		for s, d := range demands {
			wanted += float64(d)
			granted += float64(s.Demand(d))
		}
		if could := min(wanted, limit/overhead); granted > 1.03*limit/overhead || granted < 0.9*could {
			t.Fatalf("of %.0f, %d viewers who want %.0f get %.0f", limit/overhead, len(demands), wanted, granted)
		}
	}
}

func TestUplinkFromManyGoroutines(t *testing.T) {
	u := NewUplink(capture.Mbps)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for i := range 200 {
				s := u.Join(capture.Mbps)
				s.Demand(capture.Bitrate(i) * capture.Kbps)
				s.Leave()
			}
		})
	}
	all.Wait()
	if len(u.shares) != 0 {
		t.Errorf("%d shares are left", len(u.shares))
	}
}
