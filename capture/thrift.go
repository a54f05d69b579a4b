package capture

import (
	"sync/atomic"
	"time"
)

// When a thrift moves. Down is quick, as pictures are being lost; up is slow, as
// what was too much a moment ago will mostly be too much again.
const (
	downAfter   = 1500 * time.Millisecond // of nothing but overload
	upAfter     = 10 * time.Second        // of nothing but room
	upAfterMost = 10 * time.Minute        // the same, to a step that failed
	trial       = 3 * time.Minute         // that a step up has to last, not to have failed
	coolAfter   = 30 * time.Second        // between two steps for heat, which goes slowly
	smoothing   = 2 * time.Second         // of what a step is judged by
)

// How much there may be to do: a strain of 1 is all that can, or may, be done.
const (
	saturated  = 0.95 // of the time: who has pictures waiting does nothing but work
	strainLate = 0.8  // is too much when pictures come late
	strainLeft = 0.85 // is what a step may leave
	lateShare  = 0.1  // of the pictures, from which on they come late
	ownHeat    = 0.25 // cores, from which on the heat counts as ours
)

// demand is what the pictures need, in cores, at one step.
type demand struct {
	encode, decode float64
	cpu            float64 // of the whole process; 0 when not known
}

// thrift decides on the Effort of one rendition. It is pure: time is what its
// loads say. One goroutine uses it, and any one effort.
type thrift struct {
	steps []step
	lanes int                    // cores that encoding and decoding can have side by side: 1 or 2
	at    int                    // index of the present step
	now   atomic.Pointer[Effort] // which that is

	rate    float64         // the camera's pictures per second, smoothed
	usual   demand          // at the present step, smoothed
	known   time.Duration   // for how long usual was measured
	over    time.Duration   // that there was too much to do
	under   time.Duration   // that there was room for the next step up
	hot     time.Duration   // that the processor was too hot
	raised  time.Duration   // since the last move, if that was up; trial if not
	holds   []time.Duration // that under has to reach, to move up to each step
	lowered cause           // of the last step down

	// guarded by Source.mu
	spared string    // what viewers are told of it
	ended  time.Time // when the rendition did last
}

func newThrift(presets []Preset, cores int) *thrift {
	t := &thrift{steps: steps(presets), lanes: min(max(cores, 1), 2), raised: trial}
	for range t.steps {
		t.holds = append(t.holds, upAfter)
	}
	t.now.Store(&t.steps[0].Effort)
	return t
}

// effort is the present one.
func (t *thrift) effort() Effort { return *t.now.Load() }

// consider takes the load since the last call and returns the step to move to,
// with its cause, or noCause. The move is made by moved.
func (t *thrift) consider(l load) (to int, why cause) {
	if t.raised < trial {
		if t.raised += l.elapsed; t.raised >= trial {
			t.holds[t.at] = max(t.holds[t.at]/2, upAfter)
		}
	}
	d, ok := t.demand(l)
	if !ok {
		return t.at, noCause
	}
	if to, why := t.down(d, l); to != t.at {
		return to, why
	}
	if t.tooHot(d, l) {
		if to := t.next(+1, l); to != t.at {
			return to, causeHeat
		}
	}
	return t.up(l)
}

// moved makes a move that consider returned.
func (t *thrift) moved(to int, why cause) {
	if to < t.at {
		t.raised = 0
	} else {
		if t.raised < trial {
			t.holds[t.at] = min(2*t.holds[t.at], upAfterMost)
		}
		t.raised, t.lowered = trial, why
	}
	t.at = to
	t.now.Store(&t.steps[to].Effort)
	t.recount()
}

// recount forgets what was measured: something changed that it depends on.
func (t *thrift) recount() { t.usual, t.known, t.over, t.under = demand{}, 0, 0, 0 }

// demand is what l says of the present step; false when it says nothing.
func (t *thrift) demand(l load) (demand, bool) {
	if l.seen == 0 || l.encoded == 0 && l.pending == 0 || l.elapsed <= 0 {
		return demand{}, false
	}
	// Pictures are few in one load, so their number jumps; what each takes
	// does not.
	rate := float64(l.seen) / l.elapsed.Seconds()
	if t.rate == 0 {
		if t.rate = rate; l.rate > 0 {
			t.rate = l.rate
		}
	}
	t.rate += (rate - t.rate) * min(1, l.elapsed.Seconds())
	per := max(l.pending, l.encoding/time.Duration(max(l.encoded, 1)))
	return demand{
		encode: per.Seconds() * t.rate / float64(t.effort().every()),
		decode: l.decoding.Seconds() / float64(l.seen) * t.rate,
		cpu:    l.cpu,
	}, true
}

// smooth makes usual the mean of the first demands, then a moving one.
func (t *thrift) smooth(d demand, elapsed time.Duration) {
	t.known = min(t.known+elapsed, max(smoothing, elapsed))
	share := elapsed.Seconds() / t.known.Seconds()
	t.usual.encode += (d.encode - t.usual.encode) * share
	t.usual.decode += (d.decode - t.usual.decode) * share
	t.usual.cpu += (d.cpu - t.usual.cpu) * share
}

// strain is how much d is of what can be done, and what would lower it. On one
// core decoding and encoding share the time between two pictures. On more they
// go on side by side, and each has to keep up by itself.
func (t *thrift) strain(d demand, l load) (strain float64, why cause) {
	strain, why = max(d.encode, d.decode, (d.encode+d.decode)/float64(t.lanes))/saturated, causeSlow
	if d.decode > d.encode {
		why = causeDecoding
	}
	if l.maxCores > 0 && d.cpu/l.maxCores > strain {
		strain, why = d.cpu/l.maxCores, causeCap
	}
	return strain, why
}

// down looks for overload that lasts. Then it returns the first step down that
// is enough, else the one that helps most. A step that helps little is not worth
// what it takes away.
func (t *thrift) down(d demand, l load) (int, cause) {
	late := l.late > 0 && float64(l.late) >= lateShare*float64(l.encoded+l.late)
	strain, _ := t.strain(d, l)
	overloaded := strain > 1 || late && strain > strainLate
	if overloaded && t.over == 0 {
		t.known = 0 // what follows says how much it is
	}
	t.smooth(d, l.elapsed)
	if !overloaded {
		t.over = 0
		return t.at, noCause
	}
	if t.over += l.elapsed; t.over < downAfter {
		return t.at, noCause
	}
	least, why := t.strain(t.usual, l)
	best := t.at
	least *= 0.9
	for k := t.at + 1; k < len(t.steps); k++ {
		if !t.steps[k].suits(l.size, t.rate) {
			continue
		}
		strain, _ := t.strain(t.predict(k, l), l)
		if strain <= strainLeft {
			return k, why
		}
		if strain < least {
			best, least = k, strain
		}
	}
	return best, why
}

// tooHot reports whether the processor is too hot for long, and the heat can be
// ours; then not again before a step can have helped.
func (t *thrift) tooHot(d demand, l load) bool {
	if !l.hot || d.encode+d.decode < ownHeat {
		t.hot = min(t.hot+l.elapsed, 0)
		return false
	}
	if t.hot += l.elapsed; t.hot < downAfter {
		return false
	}
	t.hot = downAfter - coolAfter
	return true
}

// up looks for room that lasts.
func (t *thrift) up(l load) (int, cause) {
	to := t.next(-1, l)
	strain, _ := t.strain(t.predict(to, l), l)
	blind := l.maxCores > 0 && l.cpu == 0
	if to == t.at || l.hot || blind || strain > strainLeft {
		t.under = 0
		return t.at, noCause
	}
	if t.under += l.elapsed; t.under < t.holds[to] {
		return t.at, noCause
	}
	return to, causeEase
}

// next is the nearest step up (-1) or down (+1) that leaves something to look
// at; the present one when there is none.
func (t *thrift) next(by int, l load) int {
	for k := t.at + by; k >= 0 && k < len(t.steps); k += by {
		if t.steps[k].suits(l.size, t.rate) {
			return k
		}
	}
	return t.at
}

// predict is what the usual demand would be at another step.
func (t *thrift) predict(to int, l load) demand {
	d, from, step := t.usual, t.steps[t.at], t.steps[to]
	d.encode *= step.work() / from.work()
	if l.thins {
		d.decode *= float64(from.every()) / float64(step.every())
	}
	if was := t.usual.encode + t.usual.decode; was > 0 {
		// On a busy machine pictures wait for a core in that time, too.
		d.cpu += (d.encode + d.decode - was) * min(1, d.cpu/was)
	}
	return d
}
