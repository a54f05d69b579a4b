package capture

import "time"

// cause says why a rendition's Effort changes.
type cause uint8

const (
	noCause       cause = iota
	causeSlow           // pictures take longer than there is time
	causeDecoding       // of that, decoding takes most
	causeCap            // the process uses more cores than it may
	causeHeat           // the processor is too hot for its full clock
	causeEase           // there is room for more
)

// String is the cause as logs name it.
func (c cause) String() string {
	switch c {
	case noCause:
		return "none"
	case causeSlow:
		return "pictures take too long"
	case causeDecoding:
		return "pictures take too long to decode"
	case causeCap:
		return "more cores than allowed"
	case causeHeat:
		return "processor too hot"
	case causeEase:
		return "room for more"
	}
	return "unknown"
}

// load is what one rendition did in a stretch of time, and what was known of
// the machine meanwhile.
type load struct {
	elapsed  time.Duration
	seen     int           // pictures that the camera had, left out or not
	encoded  int           // of those
	late     int           // of those, replaced by newer ones
	encoding time.Duration // all that were encoded together, with their scaling
	pending  time.Duration // what the one under way took so far
	decoding time.Duration // all together
	size     Size          // of the rendition's pictures, if no Effort is spared
	rate     float64       // per second, as the camera promised; 0 when it did not
	thins    bool          // the camera leaves pictures out before they are decoded

	cpu      float64 // cores that the process used lately; 0 when not known
	maxCores float64 // that it may use; 0 for no limit
	hot      bool    // the clock is held down for heat, or for lack of power
}

// When a thrift moves. Down is quick, as pictures are being lost; up is slow, as
// what was too much a moment ago will mostly be too much again.
const (
	downAfter   = 1500 * time.Millisecond // of nothing but overload
	upAfter     = 10 * time.Second        // of nothing but room
	upAfterMost = 10 * time.Minute        // the same, to a step that failed
	trial       = time.Minute             // that a step up has to last, not to have failed
	longTrial   = 5 * time.Minute         // the same, as to heat; after it failures are forgiven
	settling    = 500 * time.Millisecond  // after a move: the new encoder's first pictures
	coolAfter   = 30 * time.Second        // between two steps for heat, which goes slowly
	smoothing   = 2 * time.Second         // of what a step up is judged by
)

// ownHeat is from how much of one core on the heat counts as ours.
const ownHeat = 0.25

// limits is what demands are held against.
type limits struct {
	time float64 // as a part of the time there is
	cpu  float64 // as a part of the cores allowed
}

// tooMuch is what has to end. Pictures that come late say so, too.
func tooMuch(late bool) limits {
	if late {
		return limits{0.75, 1}
	}
	return limits{saturated, 1}
}

// saturated is when somebody who has pictures waiting does nothing but work.
const saturated = 0.95

// aim is what a step down is to reach, room what a step up must leave.
func aim() limits  { return limits{0.80, 0.90} }
func room() limits { return limits{0.80, 0.90} }

// lateShare is from which share of late pictures on they are a sign.
const lateShare = 0.1

// demand is what the pictures need, in cores, at one step.
type demand struct {
	encode, decode float64
	cpu            float64 // of the whole process; 0 when not known
}

// thrift decides on the Effort of one rendition. It is pure: time is what its
// loads say. One goroutine uses it.
type thrift struct {
	steps []step
	lanes int // cores that encoding and decoding can have side by side: 1 or 2
	// threads is how many an encoder may use.
	threads int

	at     int     // index of the present step
	rate   float64 // the camera's pictures per second, smoothed
	usual  demand  // at the present step, smoothed
	known  bool    // usual is
	over   time.Duration
	excess demand // times over, in seconds
	under  time.Duration
	hot    time.Duration
	settle time.Duration

	holds   []time.Duration // that under has to reach, to move up to each step
	onTrial bool            // the last move was up
	tried   time.Duration   // since then
}

func newThrift(presets []Preset, cores, threads int) *thrift {
	t := &thrift{steps: steps(presets), lanes: min(max(cores, 1), 2), threads: max(threads, 1)}
	t.holds = make([]time.Duration, len(t.steps))
	for i := range t.holds {
		t.holds[i] = upAfter
	}
	return t
}

// effort is the present one.
func (t *thrift) effort() Effort { return t.steps[t.at].Effort }

// consider takes the load since the last call and returns the step to move to,
// with its cause, or noCause. The move is made by moved.
func (t *thrift) consider(l load) (to int, why cause) {
	if t.onTrial {
		if t.tried += l.elapsed; t.tried >= longTrial {
			t.onTrial = false
			t.holds[t.at] = max(t.holds[t.at]/2, upAfter)
		}
	}
	d, ok := t.demand(l)
	if !ok {
		return t.at, noCause
	}
	if t.settle > 0 {
		t.settle -= l.elapsed
		return t.at, noCause
	}
	t.smooth(d, l.elapsed)
	if to, why := t.down(d, l); why != noCause {
		return to, why
	}
	if to, why := t.cooler(d, l); why != noCause {
		return to, why
	}
	return t.up(l)
}

// moved makes a move that consider returned.
func (t *thrift) moved(to int, why cause) {
	failed := t.onTrial && (t.tried < trial || why == causeHeat) && to > t.at
	if failed {
		t.holds[t.at] = min(2*t.holds[t.at], upAfterMost)
	}
	t.onTrial, t.tried = to < t.at, 0
	t.at = to
	t.recount()
	t.settle = settling
}

// recount forgets what was measured: something changed that it depends on.
func (t *thrift) recount() {
	t.usual, t.known = demand{}, false
	t.over, t.excess, t.under = 0, demand{}, 0
}

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
	per := l.pending
	if l.encoded > 0 {
		per = max(per, l.encoding/time.Duration(l.encoded))
	}
	d := demand{
		encode: per.Seconds() * t.rate / float64(t.effort().every()),
		decode: l.decoding.Seconds() / float64(l.seen) * t.rate,
		cpu:    l.cpu,
	}
	if d.decode >= 0.9 && l.rate > t.rate {
		// The camera waits for who decodes: it would have more pictures.
		d.encode *= l.rate / t.rate
		d.decode *= l.rate / t.rate
	}
	return d, true
}

func (t *thrift) smooth(d demand, elapsed time.Duration) {
	share := min(1, elapsed.Seconds()/smoothing.Seconds())
	if !t.known {
		t.known, share = true, 1
	}
	t.usual.encode += (d.encode - t.usual.encode) * share
	t.usual.decode += (d.decode - t.usual.decode) * share
	t.usual.cpu = d.cpu // is smooth
}

// strain is how near the demand is to the limits: 1 when it reaches one.
func (t *thrift) strain(d demand, most limits, l load) float64 {
	return max(t.timeStrain(d, most), cpuStrain(d, most, l))
}

// timeStrain: on one core decoding and encoding share the time between two
// pictures. On more they go on side by side, and each has to keep up by itself.
func (t *thrift) timeStrain(d demand, most limits) float64 {
	return max(d.encode, d.decode, (d.encode+d.decode)/float64(t.lanes)) / most.time
}

func cpuStrain(d demand, most limits, l load) float64 {
	if l.maxCores <= 0 {
		return 0
	}
	return d.cpu / (l.maxCores * most.cpu)
}

// predict is what d, at the present step, would be at another one, when an
// encoder keeps so many threads busy.
func (t *thrift) predict(d demand, to step, threads int, thins bool) demand {
	from := t.steps[t.at]
	p := demand{encode: d.encode * to.work() / from.work(), decode: d.decode, cpu: d.cpu}
	if thins {
		p.decode *= float64(from.every()) / float64(to.every())
	}
	if was := d.encode*float64(threads) + d.decode; d.cpu > 0 && was > 0 {
		// On a busy machine pictures wait for a core in that time, too.
		will := p.encode*float64(threads) + p.decode
		p.cpu = d.cpu + (will-was)*min(1, d.cpu/was)
	}
	return p
}

// down looks for overload that lasts.
func (t *thrift) down(d demand, l load) (int, cause) {
	most := tooMuch(l.late > 0 && float64(l.late) >= lateShare*float64(l.encoded+l.late))
	if t.strain(d, most, l) <= 1 {
		t.over, t.excess = 0, demand{}
		return t.at, noCause
	}
	s := l.elapsed.Seconds()
	t.over += l.elapsed
	t.excess.encode += d.encode * s
	t.excess.decode += d.decode * s
	t.excess.cpu += d.cpu * s
	if t.over < downAfter {
		return t.at, noCause
	}
	s = t.over.Seconds()
	mean := demand{t.excess.encode / s, t.excess.decode / s, t.excess.cpu / s}
	why := causeSlow
	switch {
	case cpuStrain(mean, most, l) > t.timeStrain(mean, most):
		why = causeCap
	case mean.decode > mean.encode:
		why = causeDecoding
	}
	if to := t.lower(mean, l); to != t.at {
		return to, why
	}
	return t.at, noCause
}

// lower is the first step down that is enough, else the one that helps most. A
// step that helps little is not worth what it takes away.
func (t *thrift) lower(d demand, l load) int {
	best, least := t.at, 0.9*t.strain(d, aim(), l)
	for k := t.at + 1; k < len(t.steps); k++ {
		if !t.steps[k].suits(l.size, t.rate) {
			continue
		}
		strain := t.strain(t.predict(d, t.steps[k], 1, l.thins), aim(), l)
		if strain <= 1 {
			return k
		}
		if strain < least {
			best, least = k, strain
		}
	}
	return best
}

// cooler takes one step after the other while the processor is too hot, as long
// as the heat can be ours.
func (t *thrift) cooler(d demand, l load) (int, cause) {
	if !l.hot || d.encode+d.decode < ownHeat {
		t.hot = min(t.hot+l.elapsed, 0)
		return t.at, noCause
	}
	t.hot += l.elapsed
	if t.hot < downAfter {
		return t.at, noCause
	}
	t.hot = downAfter - coolAfter
	for k := t.at + 1; k < len(t.steps); k++ {
		if t.steps[k].suits(l.size, t.rate) {
			return k, causeHeat
		}
	}
	return t.at, noCause
}

// up looks for room that lasts.
func (t *thrift) up(l load) (int, cause) {
	better := t.at - 1
	for better >= 0 && !t.steps[better].suits(l.size, t.rate) {
		better--
	}
	blind := l.maxCores > 0 && t.usual.cpu == 0
	if better < 0 || l.hot || blind || t.strain(t.predict(t.usual, t.steps[better], t.threads, l.thins), room(), l) > 1 {
		t.under = 0
		return t.at, noCause
	}
	if t.under += l.elapsed; t.under < t.holds[better] {
		return t.at, noCause
	}
	return better, causeEase
}
