package peer

import (
	"errors"
	"net/netip"
	"sync"
	"time"

	"github.com/pion/webrtc/v4"
	"github.com/pushcam/pushcam/capture"
)

// Session is our side of one Viewer: one PeerConnection that sends the camera.
//
// It is negotiated once, in either direction: Offer and then Answer, or
// Accept. After that it lives by itself until Close, until the connection
// fails, or until none was made in time. ICE may be restarted, by who made the
// offer: by Reoffer and another Answer, or by Restart. All methods are safe from
// any goroutine.
type Session struct {
	hub    *Hub
	viewer Viewer
	opened time.Time

	connected chan struct{} // closed by connect
	ending    chan struct{} // closed by end
	done      chan struct{} // closed when all is released
	timeout   *time.Timer   // ends the Session, unless it connects
	counters  counters
	starting  sync.WaitGroup // the goroutine of start
	using     sync.RWMutex   // read by who negotiates on pc, written by who closes it
	limit     limit

	mu          sync.Mutex
	reason      error                   // why it ends; never changes after
	early       []*capture.Subscription // places taken before the codec was settled
	pc          *webrtc.PeerConnection  // set once
	transceiver *webrtc.RTPTransceiver  // set with pc
	sending     *sending                // set once the codec is settled
	address     *netip.AddrPort         // of the viewer, nil while unknown; see sending.address
	candidates  []Candidate             // early ones
	ours        []string                // our candidates, while they are gathered
	accepted    bool                    // Accept has returned an answer
	restarting  bool                    // Restart or Reoffer is under way
	answered    bool                    // the viewer's description is applied
}

func newSession(h *Hub, viewer Viewer) *Session {
	s := &Session{
		hub:       h,
		viewer:    viewer,
		opened:    time.Now(),
		connected: make(chan struct{}),
		ending:    make(chan struct{}),
		done:      make(chan struct{}),
	}
	s.timeout = time.AfterFunc(h.connectTimeout, func() {
		s.end(errors.New("no connection in time: a firewall may block the media port"))
	})
	return s
}

// Close ends the Session and waits until everything it had is released.
func (s *Session) Close() error {
	s.end(ErrClosed)
	<-s.done
	return nil
}

// Done is closed when the Session has ended and everything is released.
func (s *Session) Done() <-chan struct{} { return s.done }

// end starts the end, for the first reason given.
func (s *Session) end(reason error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.reason == nil {
		s.reason = reason
		close(s.ending)
		go s.finish() // the Hub waits for it
	}
}

// finish releases everything.
func (s *Session) finish() {
	s.timeout.Stop()
	s.release()
	s.starting.Wait()
	s.hub.cfg.Log.Info("viewer left", "viewer", s.viewer.ID, "address", s.viewer.Address,
		"after", time.Since(s.opened).Round(time.Millisecond), "packets", s.counters.packets.Load(), "reason", s.reason)
	s.hub.forget(s)
	close(s.done)
	s.hub.running.Done()
}

// connect begins to send, once the connection is up. After that it is called
// when it is up again.
func (s *Session) connect() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.reason != nil || s.sending == nil { // a connection that carries nothing ends in time
		return
	}
	v := s.sending
	select {
	case <-s.connected:
		v.subscription.RequestKeyframe() // what was sent meanwhile is lost
		s.starting.Go(func() { s.settleNetwork(v) })
		return
	default:
	}
	close(s.connected)
	s.timeout.Stop()
	s.starting.Go(func() { s.start(v) }) // ends soon, at the latest with release
}

// start begins to send. The library calls a connection up a moment before it
// can encrypt, and drops what is written until then without an error. Setting a
// deadline waits for that moment.
func (s *Session) start(v *sending) {
	if err := v.sender.SetReadDeadline(time.Time{}); err != nil {
		return // closed
	}
	if stats, ok := v.sender.Transport().ICETransport().GetSelectedCandidatePairStats(); ok {
		v.roundTrip = time.Duration(stats.CurrentRoundTripTime * float64(time.Second))
	}
	s.hub.cfg.Log.Info("viewer connected", "viewer", s.viewer.ID, "address", s.viewer.Address,
		"codec", v.codec, "after", time.Since(s.opened).Round(time.Millisecond))
	s.hub.join.Add(time.Since(s.opened))
	s.settleNetwork(v)
	v.join()
}

// settleNetwork tells the Network that the viewer has come over UDP.
func (s *Session) settleNetwork(v *sending) {
	n, ok := s.hub.cfg.Network.(settler)
	if !ok {
		return
	}
	transport := v.sender.Transport().ICETransport()
	parameters, err := transport.GetLocalParameters()
	if err != nil {
		return
	}
	if pair, err := transport.GetSelectedCandidatePair(); err == nil && addressOf(pair) != nil {
		n.Settle(parameters.UsernameFragment)
	}
}

// release gives back the place in a shard, the place at the Source and the
// PeerConnection.
func (s *Session) release() {
	s.mu.Lock()
	pc, sending := s.pc, s.sending
	s.mu.Unlock()
	s.closeEarly()
	if sending != nil {
		sending.leave()
		s.hub.listeners.forget(sending)
		_ = sending.subscription.Close() // always nil
	}
	if pc != nil {
		// The library would make a new ICE agent for a negotiation that goes on
		// while it closes, and forget it.
		s.using.Lock()
		defer s.using.Unlock()
		if err := pc.GracefulClose(); err != nil {
			s.hub.cfg.Log.Debug("close connection", "viewer", s.viewer.ID, "err", err)
		}
	}
}

// current is what the Session sends, nil before the codec is settled.
func (s *Session) current() *sending {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.sending
}

// mid is the name of our m= section.
func (s *Session) mid() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.transceiver.Mid()
}

// onPath is called by the library when packets begin to go another way.
func (s *Session) onPath(pair *webrtc.ICECandidatePair) {
	address := addressOf(pair)
	s.mu.Lock()
	s.address = address
	v := s.sending
	s.mu.Unlock()
	if v != nil {
		v.address.Store(address)
	}
}

// addressOf is the viewer's address, nil unless the path is UDP.
func addressOf(pair *webrtc.ICECandidatePair) *netip.AddrPort {
	if pair == nil || pair.Remote == nil || pair.Remote.Protocol != webrtc.ICEProtocolUDP {
		return nil
	}
	ip, err := netip.ParseAddr(pair.Remote.Address)
	if err != nil {
		return nil
	}
	address := netip.AddrPortFrom(ip.Unmap(), pair.Remote.Port)
	return &address
}

// onConnectionState is called by the library, which must not be called back
// from here.
func (s *Session) onConnectionState(state webrtc.PeerConnectionState) {
	switch state {
	case webrtc.PeerConnectionStateConnected:
		s.connect()
	case webrtc.PeerConnectionStateFailed:
		s.end(errors.New("the viewer no longer answers"))
	case webrtc.PeerConnectionStateClosed:
		s.end(errors.New("the viewer closed the connection"))
	case webrtc.PeerConnectionStateUnknown, webrtc.PeerConnectionStateNew,
		webrtc.PeerConnectionStateConnecting, webrtc.PeerConnectionStateDisconnected:
	}
}
