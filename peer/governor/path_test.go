package governor

import (
	"fmt"
	"math"
	"math/rand/v2"
	"time"

	"github.com/pushcam/pushcam/capture"
)

// path is a simulated viewer behind a bottleneck: pictures go in, reports come
// out. It is deterministic.
type path struct {
	capacity func(at time.Duration) float64 // bit/s
	buffer   time.Duration                  // longest queue; 0: a policer, with a burst of 150 ms
	rtt      time.Duration
	loss     func(at time.Duration) float64
	stall    func(at time.Duration) bool // nothing passes, all waits

	remb       bool
	reports    time.Duration // between receiver reports, 0 for none
	rembEndsAt time.Duration // no REMB from here on, if not 0

	random *rand.Rand
	queue  []packet // at the bottleneck, in order
	queued float64  // bits
	now    time.Duration
	spare  float64 // bits that the bottleneck could have sent in this step

	arrived   []packet // at the viewer, not looked at yet
	highest   int
	received  int // since the last report
	reported  int
	reportAt  time.Duration
	roundTrip time.Duration // of the last sender report
	estimator *estimator
	longest   time.Duration // queue in this second
}

type packet struct {
	sequence int
	bits     float64
	sent     time.Duration
	at       time.Duration // arrival
}

// policed is the burst that a policer lets pass.
const policed = 150 * time.Millisecond

const wire = 60 * 8 // bits of headers of each packet

func (p *path) delay(at time.Duration) time.Duration {
	return time.Duration(p.queued / p.capacity(at) * float64(time.Second))
}

// send puts a picture's packets into the path.
func (p *path) send(at time.Duration, first, packets, bytes int) {
	for i := range packets {
		k := packet{sequence: first + i, bits: float64(bytes)*8/float64(packets) + wire, sent: at}
		limit := p.capacity(at) * max(p.buffer, policed).Seconds()
		if p.queued+k.bits > limit {
			continue // full
		}
		p.queue = append(p.queue, k)
		p.queued += k.bits
	}
	p.longest = max(p.longest, p.delay(at))
}

// senderReport is the sequence number of a packet that is one.
const senderReport = -1

// sendReport puts a sender report into the path.
func (p *path) sendReport(at time.Duration) {
	p.queue = append(p.queue, packet{sequence: senderReport, bits: 28 * 8, sent: at})
	p.queued += 28 * 8
}

// step moves the path on by a millisecond and hands what comes back to the
// Governor, as if it took half a round trip.
func (p *path) step(began time.Time, g *Governor) {
	p.now += time.Millisecond
	at := p.now
	if p.stall == nil || !p.stall(at) {
		p.spare += p.capacity(at) / 1000
		for len(p.queue) > 0 && p.queue[0].bits <= p.spare {
			k := p.queue[0]
			p.queue, p.queued, p.spare = p.queue[1:], p.queued-k.bits, p.spare-k.bits
			if p.loss != nil && p.random.Float64() < p.loss(at) {
				continue
			}
			k.at = at + p.rtt
			if p.buffer == 0 {
				k.at = k.sent + p.rtt // a policer does not delay
			}
			p.arrived = append(p.arrived, k)
		}
		if len(p.queue) == 0 {
			p.spare = 0
		}
	}
	// Arrival and report take the whole round trip on the way there: it is the
	// same for the sender.
	for len(p.arrived) > 0 && p.arrived[0].at <= at {
		k := p.arrived[0]
		p.arrived = p.arrived[1:]
		p.receive(k, began, g)
	}
	if p.reports > 0 && at >= p.reportAt && p.highest > 0 {
		p.reportAt = at + p.reports
		expected := p.highest - p.reported
		lost := 0
		if expected > 0 {
			lost = min(max(0, (expected-p.received)*256/expected), 255)
		}
		p.reported, p.received = p.highest, 0
		g.Report(began.Add(at), Report{FractionLost: uint8(lost), Highest: uint16(p.highest), RoundTrip: p.roundTrip})
	}
}

func (p *path) receive(k packet, began time.Time, g *Governor) {
	now := began.Add(p.now)
	if k.sequence == senderReport {
		p.roundTrip = k.at - k.sent
		return
	}
	if gap := k.sequence - p.highest - 1; gap > 0 && p.highest > 0 {
		g.NACK(now, uint16(k.sequence-1), gap)
	}
	p.highest = max(p.highest, k.sequence)
	p.received++
	if p.remb && (p.rembEndsAt == 0 || p.now < p.rembEndsAt) {
		if p.estimator == nil {
			p.estimator = &estimator{}
		}
		if value, ok := p.estimator.receive(p.now, k); ok {
			g.REMB(now, capture.Bitrate(value))
		}
	}
}

// estimator gives REMB much like a browser: it multiplies by up to 1.08 each
// second, up to 1.5 times what it receives, and falls to 0.85 of that when the
// delay has grown.
type estimator struct {
	window     []packet
	first      time.Duration
	value      float64
	capacity   float64 // as seen when it last fell
	updated    time.Duration
	fell       time.Duration
	told       float64
	toldAt     time.Duration
	delays     []time.Duration
	delayTimes []time.Duration
}

func (e *estimator) receive(at time.Duration, k packet) (float64, bool) {
	e.window = append(e.window, k)
	for at-e.window[0].at > time.Second {
		e.window = e.window[1:]
	}
	if e.first == 0 {
		e.first = at
	}
	var rate float64
	for _, k := range e.window {
		rate += k.bits - wire
	}
	rate /= min(max(at-e.first, 200*time.Millisecond), time.Second).Seconds()

	delay := at - k.sent
	e.delays, e.delayTimes = append(e.delays, delay), append(e.delayTimes, at)
	for at-e.delayTimes[0] > 300*time.Millisecond {
		e.delays, e.delayTimes = e.delays[1:], e.delayTimes[1:]
	}
	// The least delay within a picture's time, against that 300 ms ago.
	early, late := time.Duration(math.MaxInt64), time.Duration(math.MaxInt64)
	for i, t := range e.delayTimes {
		if at-t > 200*time.Millisecond {
			early = min(early, e.delays[i])
		}
		if at-t < 100*time.Millisecond {
			late = min(late, e.delays[i])
		}
	}
	growth := time.Duration(0)
	if early != math.MaxInt64 && late != math.MaxInt64 {
		growth = late - early
	}
	over, under := growth > 15*time.Millisecond, growth < -15*time.Millisecond

	if e.value == 0 && !over && at-e.first < 5*time.Second {
		return 0, false
	}
	if e.value == 0 {
		e.value = rate
	}
	due := at-e.updated >= 200*time.Millisecond
	switch {
	case over && (due || at-e.fell > 100*time.Millisecond):
		e.value, e.capacity, e.fell, e.updated = min(e.value, 0.85*rate), rate, at, at
	case due && !under && !over:
		if rate > 1.1*e.capacity {
			e.capacity = 0
		}
		elapsed := min(at-e.updated, time.Second).Seconds()
		e.updated = at
		if limit := 1.5*rate + 10e3; e.value < limit {
			more := e.value * (math.Pow(1.08, elapsed) - 1)
			if e.capacity > 0 {
				more = 20e3 * elapsed
			}
			e.value = min(e.value+more, limit)
		}
	case due:
		e.updated = at
	}
	if e.value < 0.97*e.told || at-e.toldAt >= 200*time.Millisecond {
		e.told, e.toldAt = e.value, at
		return e.value, true
	}
	return 0, false
}

// ladder is that of a 720p camera at 2 Mbit/s.
var ladder = []capture.Band{
	{Floor: 800 * capture.Kbps, Ceiling: 2000 * capture.Kbps},
	{Floor: 250 * capture.Kbps, Ceiling: 1000 * capture.Kbps},
	{Floor: 78 * capture.Kbps, Ceiling: 312 * capture.Kbps},
}

// sender is the server's side: an encoder per rung, a Governor and a Selector.
type sender struct {
	path     path
	governor *Governor
	selector Selector
	content  func(at time.Duration) float64         // how much of the bitrate the encoder needs; nil: all
	most     func(at time.Duration) capture.Bitrate // what other viewers leave of the rendition; nil: all
	layers   bool

	began    time.Time
	rung     capture.Rung
	moving   time.Duration // when the new rung's keyframe comes
	next     int
	keyframe bool
	rate     float64
	pictures int

	switches []string
	trace    []second
}

// second is what one second of a run was like.
type second struct {
	allowance Allowance
	rung      capture.Rung
	layer     uint8
	queue     time.Duration // the longest
	sent      float64
	remb      float64
}

func newSender(p path) *sender {
	p.random = rand.New(rand.NewPCG(1, 2))
	began := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	s := &sender{path: p, began: began, next: 1, keyframe: true}
	s.governor = New(Config{Start: ladder[0].Ceiling, Most: ladder[0].Ceiling * 5 / 4}, began)
	s.selector.Start(ladder, ladder[0].Ceiling, began)
	s.rung = s.selector.Rung()
	s.rate = float64(ladder[0].Ceiling)
	return s
}

// run simulates so long.
func (s *sender) run(length time.Duration) {
	const step = time.Millisecond
	var bits float64
	decided := s.path.now
	for end := s.path.now + length; s.path.now < end; {
		if s.path.now%time.Second == 0 {
			s.path.sendReport(s.path.now)
		}
		s.path.step(s.began, s.governor)
		at := s.path.now
		now := s.began.Add(at)
		if at-decided >= 100*step {
			decided = at
			s.decide(at, now)
		}
		if at/(33*step) != (at-step)/(33*step) {
			bits += s.picture(at, now)
		}
		if at%time.Second == 0 {
			a := s.governor.Allowance(now)
			v := second{allowance: a, rung: s.rung, layer: s.selector.Layer(), queue: s.path.longest, sent: bits}
			if e := s.path.estimator; e != nil {
				v.remb = e.told
			}
			s.trace = append(s.trace, v)
			s.path.longest, bits = 0, 0
		}
	}
}

func (s *sender) decide(at time.Duration, now time.Time) {
	a := s.governor.Allowance(now)
	s.selector.Decide(ladder, a, now)
	if want := s.selector.Rung(); want != s.rung {
		if s.moving == 0 {
			s.moving = at + 60*time.Millisecond
		}
	} else {
		s.moving = 0
	}
	target := a.Target
	if s.most != nil {
		target = min(target, s.most(at))
	}
	s.rate = float64(ladder[s.rung].Clamp(target))
}

func (s *sender) picture(at time.Duration, now time.Time) (bits float64) {
	if s.moving > 0 && at >= s.moving {
		want := s.selector.Rung()
		s.switches = append(s.switches, fmt.Sprintf("%v %v-%v", at.Round(100*time.Millisecond), s.rung, want))
		s.rung, s.moving, s.keyframe = want, 0, true
		s.decide(at, now)
	}
	bytes := s.rate / 30 / 8
	if s.content != nil {
		bytes *= s.content(at)
	}
	au := &capture.AccessUnit{Rung: s.rung}
	if s.layers && s.selector.Layered() {
		// 0 2 1 2: half of the pictures make 40 % of the bits.
		switch s.pictures % 4 {
		case 1, 3:
			au.Layer, bytes = 2, bytes*0.8
			au.LayerSync = s.pictures%4 == 1
		case 2:
			au.Layer, au.LayerSync, bytes = 1, true, bytes*0.8
		default:
			bytes *= 1.6
		}
	}
	s.pictures++
	if s.keyframe {
		bytes *= 5
		s.keyframe, au.Keyframe, au.Layer = false, true, 0
	}
	au.Payload = make([]byte, int(bytes))
	if !s.selector.Takes(au, now) {
		return 0
	}
	packets := int(bytes)/1150 + 1
	s.governor.Sent(now, uint16(s.next), packets, int(bytes))
	s.path.send(at, s.next, packets, int(bytes))
	s.next += packets
	return bytes * 8
}

func constant[T any](v T) func(time.Duration) T { return func(time.Duration) T { return v } }
