package peer

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/ice/v4"
	"github.com/pion/transport/v4"
	"github.com/pion/webrtc/v4"
	"github.com/pushcam/pushcam/capture"
	"github.com/pushcam/pushcam/peer/governor"
)

// Errors of negotiation that a viewer should be told.
var (
	// ErrFull: as many viewers as are allowed are connected.
	ErrFull = errors.New("as many viewers as allowed are connected")
	// ErrNoCodec: the viewer can decode none of the codecs on offer.
	ErrNoCodec = errors.New("the viewer has no codec in common with this camera")
	// ErrDescription: the viewer's description is none, or makes no sense here.
	ErrDescription = errors.New("bad description")
	// ErrClosed: the Session or the Hub has ended.
	ErrClosed = errors.New("session is closed")
)

// Source is where Sessions get their pictures: a *capture.Source.
type Source interface {
	Codecs() []capture.Codec
	Subscribe(capture.Codec) (*capture.Subscription, error)
	// Ladder is the Bands of a codec's renditions, by Rung; it may be empty
	// while there is no picture.
	Ladder(capture.Codec) []capture.Band
	// Sizes is how large those renditions' pictures are; none before the first.
	Sizes(capture.Codec) []capture.Size
}

// Network is the sockets that all Sessions share: a *mux.Mux.
type Network interface {
	// UDP and TCP (which may be nil) are the ports to offer. With loopback
	// the viewer is on this machine.
	UDP(loopback bool) ice.UDPMux
	TCP() ice.TCPMux
	// Offers reports whether the addresses of an interface are offered.
	Offers(name string) bool
	// NewBatch makes a Batch on the UDP port, for one sender.
	NewBatch() Batch
}

// settler is a Network that is told when the ICE agent with this user name
// has found a way to its viewer over UDP, so that it can give up what waits for
// the viewer elsewhere.
type settler interface{ Settle(user string) }

// surveyor is a Network that knows the machine's interfaces, which else each ICE
// agent asks the system for. Nil says that it does not know them now.
type surveyor interface{ Net() transport.Net }

// Config is what a Hub works with.
type Config struct {
	Source  Source
	Network Network
	// Codecs are the codecs to offer, best first; nil means all of Source's.
	Codecs []capture.Codec
	// H264Profiles returns the profile-level-ids (RFC 6184 section 8.1) to
	// announce before any picture was seen, best first. None says that only a
	// picture tells: then a negotiation waits for it, a few seconds at most.
	// Nil is for constrained baseline, level 3.1.
	H264Profiles func() []string
	// MaxSessions bounds the viewers, those of Admit included; 0 means no bound.
	MaxSessions int
	// MaxBitrate bounds what is sent to all viewers together, packets'
	// headers included; 0 means no bound.
	MaxBitrate capture.Bitrate
	Log        *slog.Logger
}

// connectTimeout is how long a viewer has from its Session's start to a
// working connection.
const connectTimeout = 30 * time.Second

// Hub is the set of Sessions. All methods are safe from any goroutine.
type Hub struct {
	cfg         Config
	certificate webrtc.Certificate
	// These are the constants; tests have less patience.
	connectTimeout, profileTimeout time.Duration
	profiles                       profiles
	usual                          atomic.Int32 // the Codec that the last viewer took; see anticipate
	uplink                         *governor.Uplink
	memory                         governor.Memory
	shards                         shards
	listeners                      listeners

	join, captureToSend capture.Durations

	mu       sync.Mutex
	closed   bool
	sessions map[*Session]struct{}
	admitted int    // viewers that others serve
	ended    Totals // of the Sessions that have, and how many were opened
	running  sync.WaitGroup
}

// NewHub makes a Hub without Sessions.
func NewHub(cfg Config) (*Hub, error) {
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.Codecs == nil {
		cfg.Codecs = cfg.Source.Codecs()
	}
	if cfg.H264Profiles == nil {
		cfg.H264Profiles = defaultProfiles
	}
	// One key for all: making one costs more than all else in a join.
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("make hub: %w", err)
	}
	certificate, err := webrtc.GenerateCertificate(key)
	if err != nil {
		return nil, fmt.Errorf("make hub: %w", err)
	}
	h := &Hub{
		cfg: cfg, certificate: *certificate, sessions: map[*Session]struct{}{},
		connectTimeout: connectTimeout, profileTimeout: profileTimeout,
		uplink: governor.NewUplink(cfg.MaxBitrate),
	}
	// What is wrong with it is wrong with all.
	if _, err = h.api(defaultProfiles(), false); err != nil {
		return nil, fmt.Errorf("make hub: %w", err)
	}
	return h, nil
}

// Viewer is what a transport knows of who asks for a Session.
type Viewer struct {
	// ID and Address are for logs.
	ID, Address string
	// Loopback: the viewer is on this machine.
	Loopback bool
}

// Open makes a Session that has yet to be negotiated. It fails with ErrFull
// beyond the limit.
func (h *Hub) Open(viewer Viewer) (*Session, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if err := h.roomLocked(); err != nil {
		return nil, err
	}
	h.shards.start(h.cfg.Network)
	s := newSession(h, viewer)
	h.sessions[s] = struct{}{}
	h.ended.Sessions++
	h.running.Add(1) // until its finish
	return s, nil
}

// Admit takes the place of a Session for a viewer that others serve, until leave
// is called. It fails like Open.
func (h *Hub) Admit() (leave func(), err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if err := h.roomLocked(); err != nil {
		return nil, err
	}
	h.admitted++
	return sync.OnceFunc(func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.admitted--
	}), nil
}

// roomLocked reports why there can be no more.
func (h *Hub) roomLocked() error {
	switch {
	case h.closed:
		return ErrClosed
	case h.cfg.MaxSessions > 0 && len(h.sessions)+h.admitted >= h.cfg.MaxSessions:
		return fmt.Errorf("%w (%d)", ErrFull, h.cfg.MaxSessions)
	}
	return nil
}

// forget is called by a Session that has released everything.
func (h *Hub) forget(s *Session) {
	stats := s.Stats()
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.sessions, s)
	h.ended.add(stats)
}

// Len is how many viewers there are: Sessions, and who was admitted.
func (h *Hub) Len() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.sessions) + h.admitted
}

// Close ends all Sessions and waits for them, or for ctx.
func (h *Hub) Close(ctx context.Context) error {
	h.mu.Lock()
	h.closed = true
	for s := range h.sessions {
		s.end(ErrClosed)
	}
	h.mu.Unlock()
	ended := make(chan struct{})
	go func() { // ends with the last Session
		h.running.Wait()
		h.shards.end()
		close(ended)
	}()
	select {
	case <-ended:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("close hub: %d viewers still there: %w", h.Len(), ctx.Err())
	}
}
