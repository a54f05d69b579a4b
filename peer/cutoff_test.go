package peer

import (
	"context"
	"log/slog"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pion/webrtc/v4"
	"go.uber.org/goleak"

	"github.com/pushcam/pushcam/peer/mux"
	"github.com/pushcam/pushcam/peer/viewer"
)

// noLeaks fails the test when a goroutine is left that it, or what it began with
// after this, has started.
func noLeaks(t *testing.T) {
	before := goleak.IgnoreCurrent()
	t.Cleanup(func() { goleak.VerifyNone(t, before) })
}

// TestCloseWhileNegotiating has a Session close while the library is about to
// make an ICE agent for it, which would never end.
func TestCloseWhileNegotiating(t *testing.T) {
	noLeaks(t)
	w := newWatching(t)
	offer, err := w.Offer(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	met := &meeting{Handler: slog.DiscardHandler, message: "signaling state changed"}
	r := newRig(t, testOptions{log: slog.New(met)})
	s := r.open(t)
	met.do = func() {
		s.end(ErrClosed)
		for closing := false; !closing; runtime.Gosched() {
			select {
			case <-s.Done():
				closing = true
			default:
				// Who closes waits for us: nobody is let in any more.
				if closing = !s.using.TryRLock(); !closing {
					s.using.RUnlock()
				}
			}
		}
	}
	if _, err := s.Accept(t.Context(), offer); err == nil {
		t.Error("a closed session answers")
	}
	if met.do != nil {
		t.Errorf("the library does not log %q any more", met.message)
	}
	await(t, "the end of the session", s.Done())
}

// meeting does something once, in the middle of what the library does: where it
// logs a message.
type meeting struct {
	slog.Handler
	message string
	do      func()
}

func (m *meeting) Enabled(context.Context, slog.Level) bool { return true }
func (m *meeting) WithAttrs([]slog.Attr) slog.Handler       { return m }
func (m *meeting) WithGroup(string) slog.Handler            { return m }

func (m *meeting) Handle(_ context.Context, r slog.Record) error {
	if do := m.do; do != nil && strings.Contains(r.Message, m.message) {
		m.do = nil
		do()
	}
	return nil
}

// TestCutOff has joins end at each stage, by either side or, for want of that, by
// the close of the Hub: nothing is left of them.
func TestCutOff(t *testing.T) {
	network, err := viewer.NewNetwork(viewer.NetworkConfig{Loopback: true, Types: []webrtc.NetworkType{webrtc.NetworkTypeUDP4}})
	if err != nil {
		t.Fatal(err)
	}
	for _, stage := range []string{"offering", "offered", "answering", "answered", "checking", "checked", "handshake", "connected"} {
		t.Run(stage, func(t *testing.T) {
			noLeaks(t)
			cutOffMany(t, network, stage)
		})
	}
}

func cutOffMany(t *testing.T, network *viewer.Network, stage string) {
	sockets, err := mux.Listen(mux.Config{Interfaces: []string{"lo", "lo0"}, TCPPort: mux.TCPOff, Log: NewLibraryLog(discard, "ice")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := sockets.Close(); err != nil {
			t.Error(err)
		}
	})
	r := newRig(t, testOptions{network: sockets})
	watching, stopWatching := context.WithCancel(t.Context())
	defer stopWatching()
	var viewers, joins sync.WaitGroup
	for range 9 {
		for _, who := range []string{"session", "viewer", "hub"} {
			v, err := viewer.New(viewer.Config{Network: network})
			if err != nil {
				t.Fatal(err)
			}
			viewers.Go(func() { _ = v.Run(watching) })
			s := r.open(t)
			joins.Go(func() { cutOff(t, s, v, stage, who) })
		}
		joins.Wait()
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	if err := r.hub.Close(ctx); err != nil {
		t.Error(err)
	}
	if stats := r.source.Stats(); stats.Subscriptions != 0 {
		t.Errorf("%d subscriptions left", stats.Subscriptions)
	}
	stopWatching()
	viewers.Wait()
}

// cutOff joins up to a stage, when one side goes. What fails then fails.
func cutOff(t *testing.T, s *Session, v *viewer.Viewer, stage, who string) {
	var closing sync.WaitGroup
	defer closing.Wait()
	var once sync.Once
	reached := make(chan struct{})
	at := func(here string) {
		if here != stage {
			return
		}
		once.Do(func() {
			switch who {
			case "session":
				s.end(ErrClosed)
			case "viewer":
				closing.Go(func() { _ = v.Close() })
			}
			close(reached)
		})
	}

	closing.Go(func() { at("offering") })
	offer, err := s.Offer(t.Context())
	at("offered")
	if err != nil {
		return
	}
	s.pc.OnICEConnectionStateChange(func(state webrtc.ICEConnectionState) {
		switch state {
		case webrtc.ICEConnectionStateChecking:
			at("checking")
		case webrtc.ICEConnectionStateConnected:
			at("checked")
		default:
		}
	})
	s.transceiver.Sender().Transport().OnStateChange(func(state webrtc.DTLSTransportState) {
		if state == webrtc.DTLSTransportStateConnecting {
			at("handshake")
		}
	})
	answer, err := v.Answer(t.Context(), offer)
	if err != nil {
		return
	}
	closing.Go(func() { at("answering") })
	err = s.Answer(answer)
	at("answered")
	if err != nil {
		return
	}
	select {
	case <-s.connected:
		at("connected")
	case <-reached:
	case <-s.Done():
	case <-time.After(20 * time.Second):
		t.Errorf("%s: not within 20 s", stage)
	}
}
