package viewer

import (
	"math"
	"time"
)

// estimator says how much the path carries, from when packets were sent and
// when they came: the receiver's side of Google's congestion control
// (draft-ietf-rmcat-gcc-02), as Chromium has it for a sender that asks for REMB
// (draft-alvestrand-rmcat-remb-03). It belongs to the receiver's goroutine.
//
//	send times ─▶ bursts ─▶ trend of the delay ─▶ over-use or not
//	                                                   │
//	bytes ─▶ incoming rate ────────▶ decrease, hold or increase ─▶ REMB
//
// Its numbers are libwebrtc's.
type estimator struct {
	incoming rateMeter
	burst    burst
	previous burst
	trend    trend

	estimate float64 // bit/s, 0 before there is any
	begun    time.Time
	updated  time.Time
	hold     bool    // grow only when the next update finds no over-use either
	limit    float64 // incoming when over-use was found last, 0 when long ago

	reported   float64
	reportedAt time.Time
}

const (
	burstTime  = 5 * time.Millisecond
	noEstimate = 5 * time.Second // from the first packet, if there is no over-use

	updateEvery   = 500 * time.Millisecond
	decreaseEvery = 200 * time.Millisecond

	decreaseTo       = 0.85   // of the incoming rate
	increaseBy       = 1.08   // in a second, far from the limit
	increaseNear     = 26_000 // bit/s in a second, near it: a packet in a response time
	mostOverIncoming = 1.5    // nothing beyond has been tried
	leastEstimate    = 5_000

	reportEvery  = 200 * time.Millisecond
	reportAtOnce = 0.97 // of the last report
)

// burst is packets that were sent together.
type burst struct {
	first, last uint32 // send times
	arrived     time.Time
	begun       bool
}

// sendTimeSince is the time from b to a, which are abs-send-time: 24 bits, of
// which 18 are a fraction of a second.
func sendTimeSince(a, b uint32) time.Duration {
	return time.Duration(int32((a-b)<<8)>>8) * time.Second >> 18
}

// receive takes a packet of the stream itself: its send time, when it came and
// how long it is. It returns what to report, 0 for nothing.
func (e *estimator) receive(sent uint32, now time.Time, bytes int) (report uint64) {
	e.incoming.add(now, bytes)
	e.group(sent, now)
	if e.begun.IsZero() {
		e.begun = now
	}
	every := updateEvery
	if e.trend.overUse {
		every = decreaseEvery
	}
	if now.Sub(e.updated) >= every {
		e.update(now)
	}
	if e.estimate == 0 || now.Sub(e.reportedAt) < reportEvery && e.estimate > reportAtOnce*e.reported {
		return 0
	}
	e.reported, e.reportedAt = e.estimate, now
	return uint64(e.estimate)
}

// repaired takes one that was sent again, which says nothing of the delay.
func (e *estimator) repaired(now time.Time, bytes int) { e.incoming.add(now, bytes) }

// group compares each burst with the one before it.
func (e *estimator) group(sent uint32, now time.Time) {
	b := &e.burst
	switch since := sendTimeSince(sent, b.first); {
	case b.begun && since < 0: // overtaken
		return
	case b.begun && since <= burstTime:
		b.last, b.arrived = sent, now
		return
	}
	if e.previous.begun {
		e.trend.add(b.arrived.Sub(e.previous.arrived)-sendTimeSince(b.last, e.previous.last), b.arrived)
	}
	e.previous = *b
	*b = burst{first: sent, last: sent, arrived: now, begun: true}
}

// update moves the estimate (section 5.5).
func (e *estimator) update(now time.Time) {
	incoming := e.incoming.rate(now)
	if e.estimate == 0 {
		if !e.trend.overUse && now.Sub(e.begun) < noEstimate {
			return
		}
		e.estimate = incoming
	}
	passed := min(now.Sub(e.updated).Seconds(), 1)
	e.updated = now
	if e.limit > 0 && incoming > e.limit+3*math.Sqrt(400*e.limit) {
		e.limit = 0 // it carries more by now
	}
	switch {
	case e.trend.overUse:
		e.estimate = min(e.estimate, decreaseTo*incoming)
		e.limit, e.hold = incoming, true
	case e.trend.underUse: // a queue drains
		e.hold = true
	case e.hold:
		e.hold = false
	default:
		grown := e.estimate * math.Pow(increaseBy, passed)
		if e.limit > 0 {
			grown = e.estimate + increaseNear*passed
		}
		e.estimate = max(e.estimate, min(grown, mostOverIncoming*incoming+10_000))
	}
	e.estimate = max(e.estimate, leastEstimate)
}

// rateMeter tells the rate of the last second.
type rateMeter struct {
	begun time.Time
	bytes [100]int // in each hundredth
	slot  int64    // the newest
}

const rateSlot = 10 * time.Millisecond

func (m *rateMeter) add(now time.Time, bytes int) {
	if m.begun.IsZero() {
		m.begun = now
	}
	m.move(now)
	m.bytes[m.slot%int64(len(m.bytes))] += bytes
}

// move forgets what is older than a second.
func (m *rateMeter) move(now time.Time) {
	slot := int64(now.Sub(m.begun) / rateSlot)
	for n := 0; m.slot < slot && n < len(m.bytes); n++ {
		m.slot++
		m.bytes[m.slot%int64(len(m.bytes))] = 0
	}
	m.slot = max(m.slot, slot)
}

// rate is in bit/s.
func (m *rateMeter) rate(now time.Time) float64 {
	m.move(now)
	sum := 0
	for _, n := range m.bytes {
		sum += n
	}
	window := min(now.Sub(m.begun), time.Duration(len(m.bytes))*rateSlot)
	return 8 * float64(sum) / max(window.Seconds(), 0.1)
}
