package governor

import (
	"time"

	"github.com/pushcam/pushcam/capture"
)

// When the rung changes.
const (
	// A viewer goes up when its path carries so much more than the next
	// rung's Floor, for so long. Below its own Floor it goes down after a
	// while, far below it at once, and sooner while the encoder, which cannot
	// follow, adds to a queue or to losses.
	upMargin      = 1.15
	upPatience    = 2 * time.Second
	deepBelow     = 0.8
	strainedBelow = 0.9
	patience      = 2 * time.Second
	// The least time between two changes, those far down apart: each costs
	// a keyframe.
	betweenSwitches = 4 * time.Second
	// Going up and having to come down again within failedUp is a try that
	// failed: the next one waits, longer each time.
	failedUp  = 20 * time.Second
	firstHold = 15 * time.Second
	lastHold  = 5 * time.Minute
)

// When the layers change.
const (
	layerWindow   = time.Second
	layerMargin   = 1.1 // of the target may be sent for a while
	layerPatience = 2 * time.Second
)

// longestWithout is how many pictures in a row a viewer is sent without one of a
// layer that is left out. Browsers tell newer from older by picture ids of 15
// bits: when a layer comes back after half of them, they drop it for old, and
// with it all but layer 0. So one that needs layer 0 only is sent now and then.
const longestWithout = 1 << 12

// maxLayers bounds what AccessUnits may say; VP8 has two bits for it (RFC 7741
// section 4.2).
const maxLayers = 4

// Selector picks, for one viewer, the rung of the Ladder and which of its
// pictures are sent. One goroutine uses it. The zero value begins at Full, with
// all layers.
type Selector struct {
	limit     capture.Rung // no better one
	rung      capture.Rung
	switched  time.Time
	below     time.Time // since when the rung's Floor is too much; zero: it is not
	above     time.Time // since when there is enough for the next rung
	wentUp    time.Time
	skipping  time.Time     // since when only a keyframe is sent; zero: all are
	hold      time.Duration // until the next try
	holdUntil time.Time

	tight  bool  // the last rung makes more than the path carries
	top    uint8 // the highest layer that is wanted; valid when capped
	capped bool
	room   time.Time // since when one layer more would fit
	active uint8     // the highest layer whose pictures can be decoded

	without [maxLayers]int // pictures sent since the last of each layer

	measured capture.Rung      // of the last picture
	offered  [maxLayers]uint64 // bytes of those by layer, in this window
	window   time.Time
	rates    [maxLayers]float64 // bit/s, in the last one
	layers   uint8              // that there were in it
}

// Rung is where the viewer ought to be.
func (s *Selector) Rung() capture.Rung { return s.rung }

// Layered reports whether layers are of use: the viewer is to leave some out, or
// would if there were any.
func (s *Selector) Layered() bool { return s.tight || s.capped }

// Skipping is since when the old rung's pictures are left out, as they are far
// too large: the zero time when they are not. It ends with a keyframe, which the
// new rung gives.
func (s *Selector) Skipping() time.Time { return s.skipping }

// Layer is the highest layer whose pictures are sent.
func (s *Selector) Layer() uint8 { return s.active }

// Start puts a new viewer on the rung for what its path, or its share of the
// uplink, is known to carry.
func (s *Selector) Start(ladder []capture.Band, estimate capture.Bitrate, now time.Time) {
	s.rung = highest(ladder, estimate, 1)
	s.switched = now
}

// Limit allows no better rung than this one; Full allows all. The viewer goes
// to the best that is allowed and carried at once, whatever was tried before.
func (s *Selector) Limit(ladder []capture.Band, best capture.Rung, estimate capture.Bitrate, now time.Time) {
	before := s.rung
	s.limit = best
	s.rung, s.switched = s.within(ladder, highest(ladder, estimate, 1)), now
	s.below, s.above, s.hold, s.holdUntil = time.Time{}, time.Time{}, 0, time.Time{}
	if s.rung < before {
		s.wentUp = now
	}
}

// within is the rung that is nearest to this one of those that are allowed.
func (s *Selector) within(ladder []capture.Band, rung capture.Rung) capture.Rung {
	return min(max(rung, s.limit), capture.Rung(max(len(ladder)-1, 0)))
}

// Decide picks the rung and the layers for what may be sent now.
func (s *Selector) Decide(ladder []capture.Band, a Allowance, now time.Time) {
	if len(ladder) > 0 {
		s.decideRung(ladder, a, now)
		margin := 1.0
		if s.tight {
			margin = upMargin
		}
		last := len(ladder) - 1
		s.tight = int(s.rung) == last && float64(a.Estimate) < margin*float64(ladder[last].Floor)
	}
	s.decideLayer(float64(a.Target), now)
}

func (s *Selector) decideRung(ladder []capture.Band, a Allowance, now time.Time) {
	estimate := a.Estimate
	if rung := s.within(ladder, s.rung); rung != s.rung {
		s.rung, s.below, s.above = rung, time.Time{}, time.Time{} // the Ladder has changed
	}
	floor := ladder[s.rung].Floor
	since(&s.below, estimate < floor, now)
	up := s.within(ladder, highest(ladder, estimate, upMargin))
	since(&s.above, up < s.rung && !a.Strained, now)
	pause := now.Sub(s.switched)
	switch {
	case !s.below.IsZero() && int(s.rung) < len(ladder)-1:
		deep := float64(estimate) < deepBelow*float64(floor)
		if deep || now.Sub(s.below) >= patience && pause >= betweenSwitches {
			s.down(highest(ladder, estimate, 1), now)
		} else if a.Strained && float64(estimate) < strainedBelow*float64(floor) {
			s.down(s.rung+1, now)
		}
		if deep {
			since(&s.skipping, true, now)
		}
	case !s.above.IsZero() && now.Sub(s.above) >= upPatience && pause >= betweenSwitches && !now.Before(s.holdUntil):
		s.rung, s.switched, s.wentUp, s.above = up, now, now, time.Time{}
	}
}

func (s *Selector) down(to capture.Rung, now time.Time) {
	if !s.wentUp.IsZero() {
		if now.Sub(s.wentUp) < failedUp {
			s.hold = min(max(4*s.hold, firstHold), lastHold)
			s.holdUntil = now.Add(s.hold)
		} else {
			s.hold = 0
		}
	}
	s.rung, s.switched, s.wentUp, s.below = to, now, time.Time{}, time.Time{}
}

// highest is the rung with the best pictures whose Floor, with a margin, is
// not above the estimate; or the last.
func highest(ladder []capture.Band, estimate capture.Bitrate, margin float64) capture.Rung {
	for rung, band := range ladder {
		if float64(estimate) >= margin*float64(band.Floor) {
			return capture.Rung(rung)
		}
	}
	return capture.Rung(max(len(ladder)-1, 0))
}

// since keeps in t from when on a condition has held.
func since(t *time.Time, holds bool, now time.Time) {
	switch {
	case !holds:
		*t = time.Time{}
	case t.IsZero():
		*t = now
	}
}

// decideLayer caps the layers when the encoder makes more than may be sent: it
// is at its Floor, or has not followed yet.
func (s *Selector) decideLayer(target float64, now time.Time) {
	if s.layers < 2 {
		s.capped = false
		return
	}
	if !s.capped {
		s.top = s.layers - 1
	}
	if s.sum(s.top) > layerMargin*target {
		for s.top > 0 && s.sum(s.top) > layerMargin*target {
			s.top--
		}
		s.capped, s.room = true, time.Time{}
		s.active = min(s.active, s.top)
		return
	}
	since(&s.room, s.capped && s.sum(min(s.top+1, s.layers-1)) <= target, now)
	if !s.room.IsZero() && now.Sub(s.room) >= layerPatience {
		s.top, s.room = s.top+1, now
		s.capped = s.top < s.layers-1
	}
}

// sum is what all layers up to one make, in bit/s.
func (s *Selector) sum(top uint8) (bps float64) {
	for _, rate := range s.rates[:min(top+1, maxLayers)] {
		bps += rate
	}
	return bps
}

// Takes reports whether a picture is to be sent. It has to be asked for each
// picture, in order, once.
func (s *Selector) Takes(au *capture.AccessUnit, now time.Time) bool {
	layer := min(au.Layer, maxLayers-1)
	s.measure(au.Rung, layer, len(au.Payload), now)
	if au.Keyframe {
		s.skipping = time.Time{}
	}
	if !s.skipping.IsZero() {
		return false
	}
	if !s.decodable(au, layer) && (!au.LayerSync || s.without[layer] < longestWithout) {
		return false
	}
	for i := range s.without {
		s.without[i]++
	}
	s.without[layer] = 0
	if au.Keyframe {
		s.without = [maxLayers]int{} // the viewer forgets, too
	}
	return true
}

// decodable reports whether a picture is wanted and all it refers to was sent.
func (s *Selector) decodable(au *capture.AccessUnit, layer uint8) bool {
	switch {
	case au.Keyframe:
		s.active = maxLayers - 1
		if s.capped {
			s.active = s.top
		}
		return true
	case layer <= s.active:
		return true
	case s.capped && layer > s.top:
		return false
	case au.LayerSync:
		s.active = layer
		return true
	}
	return false
}

// measure reckons what each layer makes.
func (s *Selector) measure(rung capture.Rung, layer uint8, bytes int, now time.Time) {
	if rung != s.measured {
		s.measured, s.window, s.layers = rung, time.Time{}, 0
	}
	if elapsed := now.Sub(s.window); elapsed >= layerWindow {
		s.layers = 0
		for i, n := range s.offered {
			s.rates[i] = float64(n) * 8 / elapsed.Seconds()
			if n > 0 {
				s.layers = uint8(i) + 1
			}
		}
		if s.window.IsZero() {
			s.rates, s.layers = [maxLayers]float64{}, 0
		}
		s.window, s.offered = now, [maxLayers]uint64{}
	}
	s.offered[layer] += uint64(bytes)
}
