package viewer

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/pion/webrtc/v4"

	"github.com/pushcam/pushcam/capture"
)

var (
	// ErrClosed is returned by negotiation and by Run after the Viewer's end.
	ErrClosed = errors.New("viewer is closed")
	// ErrFailed is returned by Run when no path to the peer works (any more).
	ErrFailed = errors.New("viewer connection: no path to the peer works")
	// ErrPeerClosed is returned by Run when the peer ended the connection.
	ErrPeerClosed = errors.New("viewer connection: closed by the peer")
)

// Viewer is one receiving PeerConnection. Negotiate with Answer, or Offer and
// SetAnswer; Run receives. Its methods may be called by any goroutine, but one
// negotiates. It owns its PeerConnection and, in Run, the goroutines that read
// from it. Close ends it; so does the end of Run.
type Viewer struct {
	// Set once.
	config Config
	pc     *webrtc.PeerConnection
	track  chan incoming // from pion's callback, never closed
	ended  chan error    // from pion's callback: why the connection ended, never closed

	checking chan struct{} // from pion's callback: ICE has begun, never closed

	closing     chan struct{} // closed by the first Close
	closeOnce   sync.Once
	closeErr    error
	running     sync.WaitGroup // the Run under way
	negotiating sync.RWMutex   // read by who negotiates on pc, written by who closes it

	keyframes keyframes
	moments   moments

	mu         sync.Mutex
	stats      Stats // as the receiver published it last
	candidates []webrtc.ICECandidateInit
	described  bool // the remote description is set
	started    bool // Run was called
	closed     bool
}

// incoming is the peer's video.
type incoming struct {
	track    *webrtc.TrackRemote
	receiver *webrtc.RTPReceiver
}

// New makes a Viewer, which does nothing before it is negotiated with.
func New(config Config) (*Viewer, error) {
	if config.Requested.IsZero() {
		config.Requested = time.Now()
	}
	if len(config.Codecs) == 0 {
		config.Codecs = capture.Codecs()
	}
	if config.Network == nil {
		network, err := NewNetwork(NetworkConfig{})
		if err != nil {
			return nil, fmt.Errorf("make viewer network: %w", err)
		}
		config.Network = network
	}
	api, err := config.Network.newAPI(config.Codecs, config.Estimates)
	if err != nil {
		return nil, fmt.Errorf("make viewer: %w", err)
	}
	pc, err := api.NewPeerConnection(webrtc.Configuration{
		Certificates: []webrtc.Certificate{config.Network.certificate},
		BundlePolicy: webrtc.BundlePolicyMaxBundle,
	})
	if err != nil {
		return nil, fmt.Errorf("make viewer: %w", err)
	}
	v := &Viewer{
		config:    config,
		pc:        pc,
		track:     make(chan incoming, 1),
		ended:     make(chan error, 1),
		checking:  make(chan struct{}, 1),
		closing:   make(chan struct{}),
		keyframes: newKeyframes(),
		stats:     Stats{Requested: config.Requested},
	}
	v.listen()
	return v, nil
}

// listen sets pion's callbacks, which only post.
func (v *Viewer) listen() {
	v.pc.OnTrack(func(track *webrtc.TrackRemote, receiver *webrtc.RTPReceiver) {
		select {
		case v.track <- incoming{track, receiver}:
		default: // a second track, which nobody asked for
		}
	})
	v.pc.OnConnectionStateChange(func(state webrtc.PeerConnectionState) {
		var end error
		switch state {
		case webrtc.PeerConnectionStateConnected:
			v.moments.connected.set()
			return
		case webrtc.PeerConnectionStateFailed:
			end = ErrFailed
		case webrtc.PeerConnectionStateClosed:
			end = ErrPeerClosed
		default:
			return
		}
		select {
		case v.ended <- end:
		default:
		}
	})
	v.pc.OnICEConnectionStateChange(func(state webrtc.ICEConnectionState) {
		switch state {
		case webrtc.ICEConnectionStateChecking:
			select {
			case v.checking <- struct{}{}:
			default: // already known
			}
		case webrtc.ICEConnectionStateConnected:
			v.moments.checked.set()
		default:
		}
	})
	if v.config.OnCandidate != nil {
		v.pc.OnICECandidate(func(c *webrtc.ICECandidate) {
			if c != nil {
				v.config.OnCandidate(c.ToJSON())
			}
		})
	}
}

// Run receives until ctx ends or Close is called, which are no errors, or the
// connection ends, which is one. It closes the Viewer and may be called once.
func (v *Viewer) Run(ctx context.Context) error {
	v.mu.Lock()
	if v.closed || v.started {
		v.mu.Unlock()
		return ErrClosed
	}
	v.started = true
	v.running.Add(1)
	v.mu.Unlock()
	err := v.run(ctx)
	v.stop()
	v.running.Done()
	return err
}

func (v *Viewer) run(ctx context.Context) error {
	var readers sync.WaitGroup
	defer readers.Wait()
	defer v.stop() // unblocks the readers
	tracks := v.track
	h := newHastener()
	defer h.stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-v.closing:
			return nil
		case err := <-v.ended:
			if ctx.Err() != nil || v.isClosing() {
				return nil // our own doing
			}
			return err
		case <-v.checking:
			h.start()
		case <-h.timer.C:
			h.look(v.pc)
		case in := <-tracks:
			tracks = nil
			r := newReceiver(v, in)
			readers.Go(r.run)
			readers.Go(r.readReports)
			readers.Go(func() { v.keyframes.run(v.closing, r.requestKeyframe) })
		}
	}
}

func (v *Viewer) isClosing() bool {
	select {
	case <-v.closing:
		return true
	default:
		return false
	}
}

// stop closes the PeerConnection and waits for pion's goroutines.
func (v *Viewer) stop() {
	v.closeOnce.Do(func() {
		v.mu.Lock()
		v.closed = true
		v.stats.At = time.Now()
		v.mu.Unlock()
		close(v.closing)
		// Pion would make a new ICE agent for a negotiation that goes on while
		// it closes, and forget it.
		v.negotiating.Lock()
		defer v.negotiating.Unlock()
		if err := v.pc.GracefulClose(); err != nil {
			v.closeErr = fmt.Errorf("close viewer: %w", err)
		}
	})
}

// Close ends the Viewer and its Run and waits for both. A second Close does
// the same. It must not be called from OnPicture or OnCandidate.
func (v *Viewer) Close() error {
	v.stop()
	v.running.Wait()
	return v.closeErr
}

// Stats returns how the Viewer is doing; after its end, how it had been.
func (v *Viewer) Stats() Stats {
	v.mu.Lock()
	s := v.stats
	v.mu.Unlock()
	if s.At.IsZero() {
		s.At = time.Now()
	}
	s.Described, s.Answered = v.moments.described.time(), v.moments.answered.time()
	s.Checked, s.Connected = v.moments.checked.time(), v.moments.connected.time()
	s.KeyframeRequests = v.keyframes.sent.Load()
	if !s.LastPicture.IsZero() {
		s.LongestGap = max(s.LongestGap, s.At.Sub(s.LastPicture))
	}
	return s
}

// publish makes the receiver's numbers visible to Stats.
func (v *Viewer) publish(s Stats) {
	v.mu.Lock()
	s.At = v.stats.At
	v.stats = s
	v.mu.Unlock()
}
