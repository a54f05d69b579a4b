package governor

import (
	"math"
	"time"

	"github.com/pushcam/pushcam/capture"
)

// Bounds of an estimate, in bit/s.
const (
	least = 50e3 // less shows nothing, and could not be seen to carry more
	most  = 1e9
)

// Config is what is known of a path before anything was sent.
type Config struct {
	// Start is the first estimate.
	Start capture.Bitrate
	// Most is more than will ever be sent; estimates end there.
	Most capture.Bitrate
	// RoundTrip is what ICE's checks took, 0 when it is not known.
	RoundTrip time.Duration
}

// Governor estimates what one viewer's path carries. It goes down at the first
// bad report and comes up slowly: it tries a little more, and after a try that
// failed it waits.
//
// Three things tell of congestion, and none of them has to be there:
//
//   - Delay. A report names the last packet that had arrived; the first one that
//     had not has been under way for so long at least. When that grows, a queue
//     does, and what arrived meanwhile is what the path carries.
//   - Loss beyond what the path loses anyway. See loss.go.
//   - REMB (draft-alvestrand-rmcat-remb-03), the browser's own estimate. It is at
//     most 1.5 times what it receives, so that it is no limit for who sends
//     little. It tells of congestion when it falls, or when it stays below what
//     is sent.
//
// One goroutine uses it. A time before that of the call before counts as the
// same.
type Governor struct {
	began time.Time
	now   time.Duration // since began, at the last call
	most  float64
	sent  departures

	estimate float64 // bit/s
	calm     time.Duration
	grown    time.Duration
	fell     time.Duration
	failure  failure

	delay delay
	loss  loss
	remb  remb
}

// New makes the Governor of a viewer that connects now.
func New(cfg Config, now time.Time) *Governor {
	g := &Governor{began: now, most: min(max(float64(cfg.Most), least), most)}
	g.estimate = g.clamp(float64(cfg.Start))
	if cfg.RoundTrip > 0 {
		g.delay.sample(0, cfg.RoundTrip)
	}
	g.fell = -time.Hour
	return g
}

func (g *Governor) clamp(bps float64) float64 { return min(max(bps, least), g.most) }

func (g *Governor) at(now time.Time) time.Duration {
	g.now = max(g.now, now.Sub(g.began))
	return g.now
}

// SetMost changes Config.Most: the Ladder has changed.
func (g *Governor) SetMost(b capture.Bitrate) {
	g.most = min(max(float64(b), least), most)
	g.estimate = g.clamp(g.estimate)
}

// Sent notes a picture that went out: the sequence number of its first packet,
// how many packets and how many bytes.
func (g *Governor) Sent(now time.Time, sequence uint16, packets, bytes int) {
	if packets > 0 {
		g.sent.add(sequence, packets, bytes, g.at(now))
	}
}

// Resent notes bytes that were sent again. They take their part of the path.
func (g *Governor) Resent(bytes int) { g.sent.bytes += uint64(bytes) }

// REMB heeds the viewer's own estimate.
func (g *Governor) REMB(now time.Time, estimate capture.Bitrate) {
	at := g.at(now)
	sent := g.sent.rate(at, time.Second)
	if g.remb.receive(at, float64(estimate), sent) {
		// While little is sent, a fall says that this little was late once, and
		// nothing of what the path carries.
		if sent >= underused*g.estimate {
			g.fall(at, float64(estimate), float64(estimate)/rembShare)
		}
	}
	g.grow(at, sent)
}

// Report is what a receiver report (RFC 3550 section 6.4.1) says of the stream.
type Report struct {
	// FractionLost is of the packets since the report before, in 1/256.
	FractionLost uint8
	// Highest is the highest sequence number received, without its cycles.
	Highest uint16
	// RoundTrip is reckoned from LSR and DLSR, 0 when it is not known.
	RoundTrip time.Duration
}

// Report heeds a receiver report.
func (g *Governor) Report(now time.Time, r Report) {
	at := g.at(now)
	if r.RoundTrip > 0 {
		g.delay.sample(at, r.RoundTrip)
	}
	g.lossReported(at, r)
	g.progress(at, r.Highest)
	g.grow(at, g.sent.rate(at, time.Second))
}

// NACK heeds a request for packets: how many of them are asked for the first
// time, and the highest sequence number.
func (g *Governor) NACK(now time.Time, highest uint16, packets int) {
	g.missing(g.at(now), highest, packets)
}

// Allowance is what may be sent to a viewer.
type Allowance struct {
	// Estimate is what the path carries for long: the rung goes by it.
	Estimate capture.Bitrate
	// Target is what to send now. It is less than Estimate while a queue on
	// the path has to drain.
	Target capture.Bitrate
	// Waiting is how long the path still has to do with what was sent, beyond
	// its usual delay.
	Waiting time.Duration
	// Strained: there is a queue, or more loss than usual, so that it is no
	// time to try more.
	Strained bool
}

// Allowance is what may be sent now.
func (g *Governor) Allowance(now time.Time) Allowance {
	at := g.at(now)
	// What is lost is sent again, and needs its part of the path too.
	target := (1 - g.loss.own) * g.estimate
	sent := time.Duration(0)
	if g.sent.n > 0 {
		sent = g.sent.back(0).at
	}
	if at < g.delay.drained {
		target *= draining
	}
	return Allowance{
		Estimate: capture.Bitrate(g.estimate),
		Target:   capture.Bitrate(max(target, least)),
		Waiting:  g.delay.waiting(at, sent),
		Strained: g.loss.holds(at) || g.delay.holds(at),
	}
}

// fall lowers the estimate because the path carries that much only.
func (g *Governor) fall(at time.Duration, to, carries float64) {
	to = g.clamp(to)
	if to >= g.estimate {
		return
	}
	if to < g.estimate/2 {
		g.delay.sure(carries)
	} else {
		g.doubts(at)
	}
	g.failure.note(at, g.estimate, carries)
	g.estimate = to
	g.calm, g.grown, g.fell = at, at, at
}

// How an estimate comes up.
const (
	settling     = 2 * time.Second // after a fall nothing is tried
	slowest      = 0.05            // per second, at first
	acceleration = 0.01            // per second, for each second of calm
	fastest      = 0.20
	wary         = 0.08 // around what was too much lately
	unproven     = 0.03 // where little is sent, and nothing can be seen
	underused    = 0.6  // of the estimate is little
	timid        = 0.7  // of the estimate is left when little was sent
)

// grow raises the estimate for the time since the last call.
func (g *Governor) grow(at time.Duration, sent float64) {
	elapsed := min(at-g.grown, time.Second)
	g.grown = at
	calm := at - g.calm
	if calm < settling || g.loss.holds(at) || g.delay.holds(at) {
		return
	}
	rate := min(slowest+acceleration*(calm-settling).Seconds(), fastest)
	if g.failure.nearby(at, g.estimate) {
		rate = min(rate, wary)
	}
	bound := g.failure.bound(at)
	if sent < underused*g.estimate {
		rate = unproven
	} else {
		bound = min(bound, g.remb.bound(at, sent))
	}
	if to := min(g.estimate*math.Pow(1+rate, elapsed.Seconds()), bound); to > g.estimate {
		g.estimate = g.clamp(to)
	}
}

// failure remembers where the estimate was too high.
type failure struct {
	limit float64 // bit/s that the path carried then; 0 for never
	at    time.Duration
	wait  time.Duration // until more is tried
}

const (
	firstWait = 4 * time.Second
	lastWait  = 10 * time.Second
	near      = 0.95 // of the limit is not trying more
	recent    = time.Minute
)

func (f *failure) note(at time.Duration, estimate, carries float64) {
	again := f.nearby(at, estimate)
	switch {
	case at-f.at < settling && f.limit > 0: // the same one goes on
	case again:
		f.wait = min(2*f.wait, lastWait)
	default:
		f.wait = firstWait
	}
	f.limit, f.at = carries, at
}

// nearby reports whether an estimate is around what was too much lately.
func (f *failure) nearby(at time.Duration, estimate float64) bool {
	return f.limit > 0 && at-f.at < recent && estimate > 0.8*f.limit && estimate < 1.1*f.limit
}

func (f *failure) bound(at time.Duration) float64 {
	if f.limit == 0 || at-f.at > f.wait {
		return most
	}
	return near * f.limit
}
