package governor

import "time"

const (
	// A queue of less, and of the largest picture that may just be in it, is
	// jitter.
	tolerance = 100 * time.Millisecond
	// Browsers report each second, or, once they send REMB, five times as
	// often. What arrives is measured over lookWindow: a path may stand still
	// for longer than a picture, and come back.
	lookInterval = 180 * time.Millisecond
	lookWindow   = 900 * time.Millisecond
	// A queue that has become so much longer between two looks is growing.
	lookGrowth = 20 * time.Millisecond
	// What arrived since a look longer ago says nothing of now.
	lookLifetime = 3 * time.Second
	// The estimate stays this far below what arrived through a full path.
	caution = 0.9
	// While a queue drains that part of the estimate is sent.
	draining = 0.5
	// A queue of more is no passing stall.
	doubtful = 300 * time.Millisecond
	// After a fall or a doubt the next queue in that time is no stall.
	doubtPause = 5 * time.Second
	// No queue is given longer to drain.
	longestDrain = 4 * time.Second
	// A path is taken for one that is no slower, until its packets tell; it
	// may have a queue by then.
	usualRoundTrip = 200 * time.Millisecond
	// A minimum of the delay is believed for this long, or twice that.
	baseWindow = 15 * time.Second
)

// delay is how long packets are under way.
type delay struct {
	// base is the least in the window before this one, and in this one.
	base   [2]time.Duration
	window time.Duration // when this one began
	known  bool
	// best is what arrived per second without a queue, at most, in the same.
	best [2]float64

	looks     [8]look       // the last ones, a ring
	n         int           // ever
	sequence  uint16        // of the last packet at the last look
	queue     time.Duration // that there was then
	congested bool          // it was more than jitter
	drained   time.Duration // when it will have drained
	wait      time.Duration // in the queue, of the last packet of which that is known

	doubt doubt
}

// look is what a report told at some time.
type look struct {
	at      time.Duration
	end     uint64  // bytes sent up to what had arrived, lost ones included
	arrived float64 // bytes, without the lost ones
}

// last is the newest look, of which there is one at least.
func (d *delay) last() look { return d.looks[(d.n-1)%len(d.looks)] }

// before is the newest look at least lookWindow before the last one, or the
// oldest of those since that are known.
func (d *delay) before() look {
	last := d.last()
	l := last
	for i := 2; i <= min(d.n, len(d.looks)); i++ {
		older := d.looks[(d.n-i)%len(d.looks)]
		if last.at-older.at > lookLifetime {
			break
		}
		if l = older; last.at-l.at >= lookWindow {
			break
		}
	}
	return l
}

// doubt is of a fall that may have been for a stall of the path, as Wi-Fi has
// them: when the next report knows of no queue, the estimate is given back, once.
type doubt struct {
	estimate float64       // before the fall; 0: there is no doubt
	failure  failure       // before it
	until    time.Duration // no doubt again before
}

// sample takes note of the time that something took there and back, at most.
func (d *delay) sample(at, took time.Duration) {
	switch {
	case !d.known:
		d.base, d.window, d.known = [2]time.Duration{took, took}, at, true
	case at-d.window > baseWindow:
		d.base[0], d.base[1], d.window = d.base[1], took, at
		d.best[0], d.best[1] = d.best[1], 0
	default:
		d.base[1] = min(d.base[1], took)
	}
}

// excess is how much longer than usual something is under way.
func (d *delay) excess(took time.Duration) time.Duration {
	if !d.known {
		return 0
	}
	return max(took-min(d.base[0], d.base[1]), 0)
}

// waiting is how long the path still has to do with what was sent until then.
func (d *delay) waiting(at, sent time.Duration) time.Duration { return max(sent+d.wait-at, 0) }

// holds reports whether there is a queue.
func (d *delay) holds(at time.Duration) bool {
	return d.queue > tolerance/2 && at-d.last().at < lookLifetime
}

// progress looks at the path when a report says up to which packet all has
// arrived, or is lost.
func (g *Governor) progress(at time.Duration, sequence uint16) {
	d := &g.delay
	i, where := g.sent.find(sequence)
	if where == never {
		return
	}
	if d.n == 0 { // it begins when the first packet would have arrived
		first := g.sent.back(g.sent.n - 1)
		d.sequence = first.sequence - 1
		if !d.known {
			d.sample(at, usualRoundTrip)
		}
		d.add(look{at: first.at + min(d.base[0], d.base[1])})
	}
	last := d.last()
	if where == old {
		if at-last.at >= lookWindow {
			// What is arriving was sent longer ago than is remembered.
			d.add(look{at, last.end, last.arrived})
			d.queue, d.congested, d.drained = longestDrain, true, at+longestDrain
			d.wait = longestDrain
			g.fall(at, g.estimate/2, g.estimate/2)
		}
		return
	}
	p := g.sent.back(i)
	end := p.upTo(sequence)
	if end < last.end || at-last.at < lookInterval {
		return // an old report, or one too many
	}
	// The first packet that had not arrived is under way for so long at least.
	var took time.Duration
	if p.sequence+p.packets-1 != sequence {
		took = at - p.at
	} else if i > 0 {
		took = at - g.sent.back(i-1).at
	}
	if took > 0 {
		d.sample(at, took)
	}
	arrived := float64(end-last.end) * (1 - g.loss.since(sequence-d.sequence))
	d.add(look{at, end, last.arrived + arrived})
	before := d.queue
	d.sequence, d.queue = sequence, d.excess(took)
	d.wait = d.queue
	if from := d.before(); from.at < at {
		carried := (d.last().arrived - from.arrived) * 8 / (at - from.at).Seconds()
		g.judge(at, i, carried, before)
	}
}

func (d *delay) add(l look) {
	d.looks[d.n%len(d.looks)] = l
	d.n++
}

// judge changes the estimate for the queue there is, of what has arrived per
// second since the queue was as before.
func (g *Governor) judge(at time.Duration, i int, carried float64, before time.Duration) {
	d := &g.delay
	picture := time.Duration(g.sent.largest(min(i, 30), 0) / g.estimate * float64(time.Second))
	allowed := tolerance + min(picture, 2*tolerance)
	if d.congested = d.queue > allowed; !d.congested {
		d.drained = 0
		if before <= tolerance/2 {
			d.best[1] = max(d.best[1], carried)
		}
		if d.begins(before) && g.loss.last < someLoss && g.sent.rate(at, time.Second) >= underused*g.estimate {
			g.fall(at, carried, carried) // gently
			return
		}
		if g.remb.fresh(at) && g.remb.insists {
			return
		}
		g.giveBack(at)
		if !g.loss.holds(at) && caution*carried > g.estimate {
			// A path carries what has arrived: the fall before was for a
			// passing stall.
			g.estimate = g.clamp(caution * carried)
		}
		return
	}
	if g.sent.rate(at, time.Second) < underused*g.estimate {
		// Little was sent, so that what arrived is no measure.
		carried = max(carried, timid/caution*g.estimate)
	}
	if d.queue >= before-10*time.Millisecond || caution*carried < g.estimate {
		g.fall(at, caution*carried, carried)
	}
	if d.queue > doubtful {
		d.doubt.estimate = 0
	}
	if d.doubt.estimate == 0 {
		d.sure(carried)
	}
	g.calm = at
	drain := time.Duration(float64(d.queue) / (1 - draining*caution))
	d.drained = at + min(drain, longestDrain)
}

// begins reports whether a queue has begun, as reports tell that come each second
// only: the next one would tell of a long one.
func (d *delay) begins(before time.Duration) bool {
	since := d.last().at - d.looks[(d.n-2)%len(d.looks)].at
	return since >= lookWindow/2 && d.queue > tolerance/2 && d.queue > before+lookGrowth
}

// sure notes that no more than that arrives now.
func (d *delay) sure(carries float64) {
	d.best = [2]float64{min(d.best[0], carries), min(d.best[1], carries)}
	d.doubt.estimate = 0
}

// doubts notes that the estimate is about to fall for what may be a stall.
func (g *Governor) doubts(at time.Duration) {
	d := &g.delay.doubt
	if d.estimate != 0 || at < d.until || at-g.fell < doubtPause {
		return
	}
	d.estimate, d.failure, d.until = g.estimate, g.failure, at+lookLifetime
	if g.sent.rate(at, time.Second) >= underused*g.estimate {
		d.estimate = min(d.estimate, max(g.delay.best[0], g.delay.best[1]))
	}
}

// giveBack ends a doubt: there is no queue.
func (g *Governor) giveBack(at time.Duration) {
	d := &g.delay.doubt
	if d.estimate == 0 || g.delay.queue > tolerance/2 || at-g.fell < lookInterval {
		return
	}
	if g.estimate > d.estimate/2 && !g.loss.holds(at) {
		g.estimate, g.failure = g.clamp(max(g.estimate, d.estimate)), d.failure
		d.until = at + doubtPause
	}
	d.estimate = 0
}
