package peer

import (
	"net/netip"
	"time"

	"github.com/pion/rtcp"
	"github.com/pushcam/pushcam/capture"
	"github.com/pushcam/pushcam/peer/governor"
)

// decideInterval is how often it is looked at what a viewer is to get.
const decideInterval = 100 * time.Millisecond

// movePatience is how long the next rung's keyframe is waited for where pictures
// of the one before are skipped.
const movePatience = 500 * time.Millisecond

const (
	// A queue that is through in less time has room for a keyframe, which takes
	// about as long to be made.
	headway = 100 * time.Millisecond
	// What is known of the path may be wrong, so that no picture is held back
	// for longer.
	longestHold = 200 * time.Millisecond
)

// governing fits what a viewer is sent to what its path carries: from its
// feedback to the rung, the bitrate and the layers of its pictures. It is the
// shard's.
type governing struct {
	governor *governor.Governor // nil before govern
	selector governor.Selector
	share    *governor.Share

	ladder  []capture.Band // as it was when it was decided
	decided time.Time
	rung    capture.Rung // that the Subscription was moved to
	moved   time.Time    // when it was
	held    time.Time    // until when it is not to another one; see holdsBack

	asked    uint16 // the highest sequence number that was asked for again
	hasAsked bool
}

// govern begins to govern v, when it has not yet, or looks at what v is to get,
// when that is due. A viewer begins with the full size and bitrate: on
// a LAN that is what it keeps, and its first reports bring it down within two
// seconds where it is too much. It begins lower only when another viewer at its
// address lately was, or when its share of the uplink says so.
func (v *sending) govern(now time.Time) {
	g, hub := &v.governing, v.session.hub
	if g.governor != nil {
		if now.Sub(g.decided) >= decideInterval || !g.held.IsZero() && !now.Before(g.held) {
			g.decide(v, now)
		}
		return
	}
	g.ladder = hub.cfg.Source.Ladder(v.codec)
	start := g.most()
	if known := hub.memory.Recall(v.home(), now); known > 0 {
		start = min(start, known)
	}
	g.governor = governor.New(governor.Config{Start: start, Most: g.most(), RoundTrip: v.roundTrip}, now)
	demand := min(start, g.useful(v))
	g.share = hub.uplink.Join(demand)
	g.selector.Start(g.ladder, g.share.Demand(demand), now)
	g.decide(v, now)
}

// ungovern gives back what govern took.
func (v *sending) ungovern() {
	if v.governing.share != nil {
		v.governing.share.Leave()
	}
}

// home is where the viewer's packets go, for the Hub's memory.
func (v *sending) home() netip.Addr { return v.routed.Addr() }

// ceiling is what the best rung of all can use.
func (g *governing) ceiling() capture.Bitrate {
	if len(g.ladder) == 0 {
		return capture.Mbps // nothing was shown yet
	}
	return g.ladder[0].Ceiling
}

// useful is what the best rung can use that the viewer may get.
func (g *governing) useful(v *sending) capture.Bitrate {
	if len(g.ladder) == 0 {
		return g.ceiling()
	}
	return g.ladder[min(int(v.session.limit.rung()), len(g.ladder)-1)].Ceiling
}

// most is a little more, so that a path that carries the ceiling is seen to.
func (g *governing) most() capture.Bitrate { return g.ceiling() * 5 / 4 }

// decide has the viewer get what it may now.
func (g *governing) decide(v *sending, now time.Time) {
	g.decided = now
	g.ladder = v.session.hub.cfg.Source.Ladder(v.codec)
	g.governor.SetMost(g.most())
	a := g.governor.Allowance(now)
	v.remember(a.Estimate, now)
	best, changed := v.session.limit.take()
	granted := g.share.Demand(min(a.Estimate, g.useful(v)))
	c := &v.session.counters
	c.estimate.Store(int64(a.Estimate))
	a.Estimate, a.Target = min(a.Estimate, granted), min(a.Target, granted)
	if changed {
		g.selector.Limit(g.ladder, best, a.Estimate, now)
	}
	g.selector.Decide(g.ladder, a, now)
	target := a.Target
	switch rung := g.selector.Rung(); {
	case rung == g.rung:
		g.held = time.Time{}
	case g.holdsBack(a.Waiting, now):
		target = 0 // it gets none of these pictures, so they need not suffer
	default:
		g.rung, g.moved = rung, now
		v.subscription.Move(rung)
	}
	v.subscription.SetTarget(target)
	v.subscription.SetLayered(g.selector.Layered())
	v.keyframe.expect(!g.selector.Skipping().IsZero())
	c.target.Store(int64(a.Target))
}

// holdsBack reports whether a smaller rung's first picture has to wait, as the
// path still has to do with what was sent before. A queue that is full would
// lose a part of that picture, and it would not be there sooner.
func (g *governing) holdsBack(waiting time.Duration, now time.Time) bool {
	since := g.selector.Skipping()
	g.held = time.Time{}
	if since.IsZero() || waiting <= headway || now.Sub(since) >= longestHold {
		return false
	}
	g.held = now.Add(min(waiting-headway, since.Add(longestHold).Sub(now)))
	return true
}

// remember keeps what is known of the path for who comes next.
func (v *sending) remember(estimate capture.Bitrate, now time.Time) {
	home, memory := v.home(), &v.session.hub.memory
	switch {
	case !home.IsValid(): // over TCP
	case estimate < v.governing.ceiling():
		memory.Remember(home, estimate, now)
	default:
		memory.Forget(home)
	}
}

// takes reports whether a picture is to be sent.
func (v *sending) takes(au *capture.AccessUnit, now time.Time) bool {
	g, drops := &v.governing, &v.session.counters.drops
	switch {
	case !g.held.IsZero(): // also a keyframe, which another viewer has asked for
		drops.add(DropAwaiting, 1)
	case g.selector.Takes(au, now):
		return true
	case g.selector.Skipping().IsZero():
		drops.add(DropLayer, 1)
	default:
		drops.add(DropAwaiting, 1)
		if now.Sub(g.moved) >= movePatience {
			v.subscription.RequestKeyframe()
		}
	}
	return false
}

// governSent notes what takes has let through.
func (v *sending) governSent(au *capture.AccessUnit, first uint16, packets, bytes int, now time.Time) {
	v.governing.governor.Sent(now, first, packets, bytes)
	c := &v.session.counters
	c.rung.Store(uint32(au.Rung))
	c.layer.Store(uint32(v.governing.selector.Layer()))
}

// governReport heeds a receiver report.
func (v *sending) governReport(r rtcp.ReceptionReport, rtt time.Duration, at time.Time) {
	v.governing.governor.Report(at, governor.Report{
		FractionLost: r.FractionLost,
		Highest:      uint16(r.LastSequenceNumber),
		RoundTrip:    rtt,
	})
}

// governNACK heeds packets that are asked for. Those that are asked for again
// were lost once only.
func (v *sending) governNACK(nack rtcp.NackPair, at time.Time) {
	g := &v.governing
	highest, packets := g.asked, 0
	nack.Range(func(sequence uint16) bool {
		if after := sequence - g.asked; !g.hasAsked || after > 0 && after < 1<<15 {
			highest = sequence
			packets++
		}
		return true
	})
	if packets > 0 {
		g.asked, g.hasAsked = highest, true
		g.governor.NACK(at, highest, packets)
	}
}
