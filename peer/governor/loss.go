package governor

import (
	"math"
	"time"
)

// Some paths lose packets whatever is sent: Wi-Fi does. Sending less would not
// help there, retransmission does. On others loss is a queue that is full, or a
// policer, and only sending less helps. A trial tells: what is sent goes down by
// what was lost, once. If the loss goes with it, that was right; if it stays, it
// is the path's own, the rate is given back, and from then on only more loss
// than that counts.
const (
	// So much more loss than the path's own calls for a trial at once; less,
	// but more than someLoss, after three reports, and stops growth.
	heavyLoss = 0.10
	someLoss  = 0.03
	// So much is a full queue and no chance, however short the time: what came
	// through is what the path carries.
	alarmingLoss = 0.40
	// Of fewer packets nothing is said, nor of those of one picture: that it
	// was too large for some buffer is not what the path carries.
	leastPackets = 20
	leastSpan    = 400 * time.Millisecond
	// NACKs tell when within that time, so that less of it is enough, and a
	// moment in which all was lost is not taken for more.
	nackSpan = 200 * time.Millisecond
	// What is not alarming is looked at over that time.
	sampleSpan = 600 * time.Millisecond
	// The path's own loss is no more than that: beyond it retransmission is
	// no help either.
	ownLossLimit = 0.25
	// A trial whose outcome is not seen by then, as the encoder could not
	// follow, has failed to show that the loss is the path's own.
	trialLimit = 5 * time.Second
	// What is sent follows the target by then, and its loss is seen apart
	// from that of what was sent before.
	trialLag = 300 * time.Millisecond
	// A queue that was full is still, when what is sent follows.
	drownPause = 600 * time.Millisecond
)

// loss is what goes missing on the path.
type loss struct {
	own  float64       // the path's own, as a fraction
	last float64       // as reported last
	at   time.Duration // when

	// what was reported of packets since the last sample
	seen           bool
	highest        uint16
	expected, lost float64
	begin          time.Duration // when the first of those was sent
	nacked         nacked
	drowned        time.Duration // a queue was full of what was sent before
	some           int           // samples in a row with some loss
	latest         uint16        // of the last report
	reported       float64       // lost since the last look at the queue
	trial          trial
}

// nacked counts the packets that were asked for.
type nacked struct {
	on      bool
	at      time.Duration // since when
	begin   time.Duration // when the last packet before those was sent
	highest uint16        // its number
	packets int
}

// trial is a lower rate to see what becomes of the loss.
type trial struct {
	on       bool
	at       time.Duration
	loss     float64
	sent     float64 // bit/s, before
	estimate float64 // before
	little   bool    // was sent, so that a lower target changes nothing
}

// holds reports whether there is more loss than the path's own.
func (l *loss) holds(at time.Duration) bool {
	return at-l.at < trialLimit && (l.trial.on || l.last > l.own+someLoss)
}

// since is the part of so many packets, all since the last look at the queue,
// that is lost.
func (l *loss) since(packets uint16) float64 {
	lost := l.reported
	l.reported = 0
	return min(lost/max(float64(packets), 1), 1)
}

// lossReported heeds a report's loss.
func (g *Governor) lossReported(at time.Duration, r Report) {
	l := &g.loss
	i, where := g.sent.find(r.Highest)
	if where != found {
		return
	}
	if !l.seen {
		l.seen, l.highest = true, g.sent.back(g.sent.n-1).sequence-1
		l.latest = l.highest
		l.begin = g.sent.back(g.sent.n - 1).at
	}
	reported := r.Highest - l.latest
	if reported >= 1<<15 || reported == 0 {
		return // older than the report before, or the same
	}
	l.latest = r.Highest
	l.reported += float64(reported) * float64(r.FractionLost) / 256
	expected := r.Highest - l.highest
	if expected >= 1<<15 {
		return // a NACK has told
	}
	l.highest = r.Highest
	l.expected += float64(expected)
	l.lost += float64(expected) * float64(r.FractionLost) / 256
	sent := g.sent.back(i).at
	if l.enough(sent, l.expected, l.lost/max(l.expected, 1)) {
		g.lossSample(at, l.lost/l.expected, l.expected, g.sent.since(i, l.begin))
		l.begin = sent
	}
}

// enough reports whether a loss is of enough packets to be looked at, the last
// of which was sent at that time.
func (l *loss) enough(sent time.Duration, packets, fraction float64) bool {
	span := sampleSpan
	if fraction >= l.own+alarmingLoss {
		span = leastSpan
	}
	return packets >= leastPackets && sent-l.begin >= span
}

// missing heeds packets that are asked for: when they are many, that is a
// report by itself. A window begins behind the first of them: when they are all
// asked for at once, the path has stalled for a moment, and is back.
func (g *Governor) missing(at time.Duration, highest uint16, packets int) {
	l, w := &g.loss, &g.loss.nacked
	i, where := g.sent.find(highest)
	if packets <= 0 || where != found {
		return
	}
	sent := g.sent.back(i).at
	g.delay.wait = g.delay.excess(at - sent) // as what was sent after it has arrived
	span := sent - w.begin
	if !w.on || at-w.at < nackSpan/8 || span > sampleSpan || highest-w.highest >= 1<<15 {
		*w = nacked{on: true, at: at, begin: sent, highest: highest}
		return
	}
	w.packets += packets
	expected := float64(highest - w.highest)
	if span < nackSpan || expected < leastPackets {
		return
	}
	fraction := min(float64(w.packets)/expected, 1)
	rate := g.sent.since(i, w.begin)
	*w = nacked{on: true, at: at, begin: sent, highest: highest}
	if l.seen && fraction >= l.own+alarmingLoss {
		g.lossSample(at, fraction, expected, rate)
		// What the next report says of the same packets is not to count again.
		l.highest, l.begin = highest, sent
	}
}

// lossSample heeds a loss that is of enough packets, sent at that rate in bit/s.
func (g *Governor) lossSample(at time.Duration, fraction, packets, rate float64) {
	l := &g.loss
	l.at, l.last, l.expected, l.lost = at, fraction, 0, 0
	noise := math.Sqrt(max(l.own, 0.01) * (1 - l.own) / packets)
	some := fraction > l.own+someLoss+noise
	if !some {
		l.some = 0
		l.own = min(l.own, 0.9*l.own+0.1*fraction)
	}
	switch {
	case fraction >= l.own+alarmingLoss && l.begin >= l.drowned:
		g.drown(at, (1-fraction)*rate)
	case g.delay.congested && g.delay.holds(at):
		l.trial.on = false // what came through the queue tells more
	case l.trial.on:
		g.judgeTrial(at, fraction, packets)
	case l.begin < g.fell+trialLag:
		// Of what was sent before the estimate fell.
	case fraction > l.own+heavyLoss+noise || some && l.some == 2:
		l.some = 0
		g.tryLess(at, fraction)
	case some:
		l.some++
	}
}

// drown lowers the estimate to what came through a full queue, whatever the
// delay, which is told later, says of it.
func (g *Governor) drown(at time.Duration, carried float64) {
	g.loss.trial.on, g.loss.drowned = false, at+drownPause
	if g.sent.rate(at, time.Second) < underused*g.estimate {
		carried = max(carried, timid/caution*g.estimate)
	}
	carried = max(carried, g.estimate/4) // all may be lost, and the path be back at once
	g.fall(at, caution*carried, carried)
	g.delay.sure(carried)
}

// tryLess begins a trial.
func (g *Governor) tryLess(at time.Duration, fraction float64) {
	sent := g.sent.rate(at, time.Second)
	little := sent < underused*g.estimate
	g.loss.trial = trial{on: true, at: at, loss: fraction, sent: sent, estimate: g.estimate, little: little}
	g.lessen(at, fraction)
}

// lessen lowers the estimate to what came through of what was sent when the
// trial began.
func (g *Governor) lessen(at time.Duration, fraction float64) {
	t := &g.loss.trial
	to := caution * (1 - fraction) * min(t.sent, t.estimate)
	if t.little {
		to = max(to, timid*t.estimate)
	}
	before := g.failure
	g.fall(at, to, to/caution)
	g.failure = before // the trial will tell
	g.delay.sure(to / caution)
}

// judgeTrial looks at the loss of what was sent since the trial began.
func (g *Governor) judgeTrial(at time.Duration, fraction, packets float64) {
	l := &g.loss
	if l.begin < l.trial.at+trialLag && at-l.trial.at < trialLimit {
		if fraction > l.trial.loss {
			g.lessen(at, fraction) // at its beginning not all was seen yet
		}
		return
	}
	l.trial.on = false
	sent := g.sent.rate(at, time.Second)
	noise := math.Sqrt(max(fraction, 0.01) * (1 - fraction) / packets)
	stays := fraction+noise > 0.6*l.trial.loss
	less := sent < 0.97*l.trial.sent || l.trial.little
	if stays && less && fraction <= ownLossLimit && g.delay.queue < tolerance/2 {
		l.own = max(l.own, min((fraction+l.trial.loss)/2, ownLossLimit))
		g.estimate = max(g.estimate, g.clamp(l.trial.estimate))
		return
	}
	g.failure.note(at, l.trial.estimate, g.estimate/caution)
	g.calm = at
	if fraction > l.own+heavyLoss+noise {
		g.tryLess(at, fraction)
	}
}
