package peer

import (
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"
	"github.com/pushcam/pushcam/capture"
	"github.com/pushcam/pushcam/peer/packetizer"
)

// sending is what negotiation has settled: one codec, from one place at the
// Source, to one write stream. It belongs to a shard from join to leave.
type sending struct {
	session      *Session
	codec        capture.Codec
	ssrc         uint32
	subscription *capture.Subscription
	packetizer   *packetizer.Packetizer // the shard's
	writer       webrtc.TrackLocalWriter
	sender       *webrtc.RTPSender

	posted atomic.Bool   // it is in the shard's list
	ended  atomic.Bool   // set by leave
	left   chan struct{} // closed when the shard is through with it

	// The shard's goroutine:
	isMember, hasLeft bool
	reported          time.Time // when the last report went out
	reports           int
	route             Route // nil while there is none
	routed            netip.AddrPort
	dropped           uint64      // by route, as far as it is counted
	pending           []feedback  // a list to swap with inbox
	captured          []time.Time // of the pictures in this round
	write             packetizer.WriteFunc
	governing         governing
	roundTrip         time.Duration // of ICE's checks, 0 when not known; set before join

	// address is where UDP packets for the viewer go; the zero value while
	// that is not known, or over TCP.
	address atomic.Pointer[netip.AddrPort]

	keyframe keyframe

	mu    sync.Mutex
	shard *shard // nil before join
	inbox []feedback
}

// join begins to send.
func (v *sending) join() {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.ended.Load() {
		return
	}
	h := v.session.hub.shards.take()
	v.shard = h
	v.subscription.Notify(func() { h.post(v) })
	h.post(v)
}

// leave ends sending, and waits until nothing more is written.
func (v *sending) leave() {
	v.mu.Lock()
	v.ended.Store(true)
	h := v.shard
	v.mu.Unlock()
	if h != nil {
		h.post(v)
		<-v.left
	}
}

// What follows is the shard's goroutine's.

// serve does what there is to do.
func (v *sending) serve(now time.Time) {
	v.follow()
	v.govern(now)
	for _, f := range v.heard() {
		v.heed(f, now)
	}
	if now.Sub(v.reported) >= reportInterval {
		v.report(now)
	}
	for {
		au, err := v.subscription.Poll()
		if err != nil {
			v.session.end(ErrClosed) // the Source is closing
			return
		}
		if au == nil {
			return
		}
		v.send(au, now)
	}
}

func (v *sending) send(au *capture.AccessUnit, now time.Time) {
	s := v.session
	s.hub.learn(au)
	if !v.takes(au, now) {
		return
	}
	first := v.packetizer.Next()
	packets, bytes, err := v.packetizer.Packetize(au, now, v.write)
	v.governSent(au, first, packets, bytes, now)
	s.counters.sent(au, packets, bytes)
	if au.Keyframe {
		v.keyframe.sent(now)
	}
	v.captured = append(v.captured, au.Time)
	if err != nil {
		// The path is closing. What the viewer misses it asks for again.
		s.counters.failed.Add(1)
	}
}

// writeRTP is write.
func (v *sending) writeRTP(h *rtp.Header, payload []byte) error {
	n, err := v.writer.WriteRTP(h, payload)
	if n == 0 && err == nil {
		// So the library tells that the viewer's TCP connection has more to
		// carry than its queue holds.
		v.session.counters.drops.add(DropFull, 1)
	}
	return err
}

// follow has the packets go by the Batch to where the viewer is now.
func (v *sending) follow() {
	var address netip.AddrPort
	if p := v.address.Load(); p != nil {
		address = *p
	}
	if address == v.routed {
		return
	}
	v.unroute()
	if v.routed = address; address.IsValid() {
		v.route = v.shard.batch.Route(address)
	}
}

// unroute ends the Route, if there is one.
func (v *sending) unroute() {
	if v.route != nil {
		v.countDropped()
		v.route.Close()
		v.route, v.dropped = nil, 0
	}
}

// countDropped counts what the socket has refused since it was counted last.
func (v *sending) countDropped() {
	if v.route != nil {
		n := v.route.Dropped()
		v.session.counters.drops.add(DropFull, n-v.dropped)
		v.dropped = n
	}
}

// flushed is called when what the round wrote is the system's.
func (v *sending) flushed(now time.Time) {
	for _, at := range v.captured {
		v.session.counters.captureToSend.add(now.Sub(at))
		v.session.hub.captureToSend.Add(now.Sub(at))
	}
	v.captured = v.captured[:0]
}

// release gives back what the shard has of it.
func (v *sending) release() {
	v.unroute()
	v.ungovern()
	close(v.left)
}
