package governor

import (
	"math"
	"slices"
	"sync"

	"github.com/pushcam/pushcam/capture"
)

// overhead is what a bit of a picture costs on the wire: headers of RTP, UDP
// and IP, encryption, and some packets twice.
const overhead = 1.1

// stale is how much the demands may change, as a part of the whole, before it
// is divided anew.
const stale = 0.02

// Uplink divides what this machine may send among all viewers, max-min fairly:
// no viewer gets more than its path carries, and what one cannot use goes to the
// others. All methods are safe from any goroutine.
type Uplink struct {
	limit float64 // bit/s; infinite when there is none

	mu      sync.Mutex
	shares  map[*Share]struct{}
	level   float64 // bit/s: who demands more gets that much
	changed float64 // sum of changes since level was reckoned
}

// NewUplink makes an Uplink for so many bits per second of packets in all; 0 is
// no limit.
func NewUplink(limit capture.Bitrate) *Uplink {
	u := &Uplink{limit: math.Inf(1), level: math.Inf(1), shares: map[*Share]struct{}{}}
	if limit > 0 {
		u.limit = math.Round(float64(limit) / overhead)
		u.level = u.limit
	}
	return u
}

// Share is one viewer's part of an Uplink.
type Share struct {
	uplink *Uplink
	demand float64 // guarded by uplink.mu
}

// Join makes a Share for a new viewer. Those there are get less at once.
func (u *Uplink) Join(demand capture.Bitrate) *Share {
	s := &Share{uplink: u, demand: float64(demand)}
	u.mu.Lock()
	defer u.mu.Unlock()
	u.shares[s] = struct{}{}
	u.divide()
	return s
}

// Leave gives the Share back to the others. A second Leave does nothing.
func (s *Share) Leave() {
	s.uplink.mu.Lock()
	defer s.uplink.mu.Unlock()
	delete(s.uplink.shares, s)
	s.uplink.divide()
}

// Demand says what the viewer's path carries, and returns how much of that it
// may be sent.
func (s *Share) Demand(b capture.Bitrate) capture.Bitrate {
	u := s.uplink
	if math.IsInf(u.limit, 1) {
		return b
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	u.changed += math.Abs(float64(b) - s.demand)
	s.demand = float64(b)
	if u.changed > stale*u.limit {
		u.divide()
	}
	return capture.Bitrate(min(s.demand, u.level))
}

// divide finds the level at which all demands, each cut to it, make the limit.
func (u *Uplink) divide() {
	u.changed = 0
	if math.IsInf(u.limit, 1) {
		return
	}
	demands := make([]float64, 0, len(u.shares))
	for s := range u.shares {
		demands = append(demands, s.demand)
	}
	slices.Sort(demands)
	left := u.limit
	for i, demand := range demands {
		if fair := left / float64(len(demands)-i); demand >= fair {
			u.level = fair
			return
		}
		left -= demand
	}
	// All have what they want. A demand that grows finds this much.
	u.level = left
	if n := len(demands); n > 0 {
		u.level = demands[n-1] + left
	}
}
