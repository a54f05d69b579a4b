package governor

import "time"

const (
	// A REMB lasts this long; browsers repeat it each second or more often.
	rembLifetime = 5 * time.Second
	// A REMB that stays below what is sent for this long means it: a browser
	// that merely has not seen enough yet raises it with each report, however
	// little.
	rembPatience = 2 * time.Second
	// From 1.5 times what it receives on, a browser does not look further.
	rembUntested = 1.35
	// A browser that has seen congestion goes up by some kbit/s per second
	// only. That long it is followed; then it is shown that more arrives.
	rembFollowed = 6 * time.Second
	rembFall     = 0.97
	rembRise     = 1.001
	// rembShare is what it says of what arrived when it falls.
	rembShare = 0.85
)

// remb is the viewer's own estimate.
type remb struct {
	value float64 // bit/s, 0 for none
	at    time.Duration
	// floor is the value, and since when, that has not been surpassed.
	floor float64
	since time.Duration
	fell  time.Duration // when it did last
	// binding: it has told of congestion, and what it says counts until it is
	// well above what is sent.
	binding bool
	// insists: it has stayed below what is sent.
	insists bool
}

// receive takes a REMB and reports whether it tells of congestion.
func (r *remb) receive(at time.Duration, value, sent float64) bool {
	fell := r.fresh(at) && value < rembFall*r.value
	if !r.fresh(at) || fell || value > rembRise*r.floor || value >= sent {
		r.floor, r.since = value, at
	}
	r.value, r.at = value, at
	r.insists = value < sent && at-r.since >= rembPatience
	if fell || r.insists {
		r.binding, r.fell = true, at
	}
	if value > rembUntested*sent {
		r.binding = false
	}
	return r.insists || fell && value < sent*1.05
}

func (r *remb) fresh(at time.Duration) bool { return r.value > 0 && at-r.at <= rembLifetime }

// bound is what the estimate must not grow beyond.
func (r *remb) bound(at time.Duration, sent float64) float64 {
	if !r.fresh(at) || !r.binding || r.value > rembUntested*sent || at-r.fell > rembFollowed {
		return most
	}
	return r.value
}
