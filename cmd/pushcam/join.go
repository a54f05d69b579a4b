package main

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"net/url"
	"strings"

	"github.com/pushcam/pushcam/capture"
	"github.com/pushcam/pushcam/peer"
	"github.com/pushcam/pushcam/signal"
	"github.com/pushcam/pushcam/signal/whep"
)

// This file joins what must not know each other: signaling and sessions.

// sessions is the Hub as signaling sees it.
type sessions struct{ hub *peer.Hub }

var _ signal.Sessions = sessions{}

// Open implements signal.Sessions.
func (s sessions) Open(_ context.Context, viewer signal.ViewerInfo) (signal.Session, error) {
	opened, err := openSession(s.hub, viewer)
	if err != nil {
		return nil, toViewer(err)
	}
	return session{opened}, nil
}

func openSession(hub *peer.Hub, viewer signal.ViewerInfo) (*peer.Session, error) {
	return hub.Open(peer.Viewer{ID: viewer.ID, Address: viewer.RemoteAddr, Loopback: isLoopback(viewer.RemoteAddr)})
}

// players is the Hub as WHEP sees it.
type players struct{ hub *peer.Hub }

var _ whep.Sessions = players{}

// Open implements whep.Sessions.
func (p players) Open(_ context.Context, viewer signal.ViewerInfo) (whep.Session, error) {
	opened, err := openSession(p.hub, viewer)
	if err != nil {
		return nil, toViewer(err)
	}
	return session{opened}, nil
}

// session is a peer.Session as signaling sees it.
type session struct{ *peer.Session }

var (
	_ signal.Session = session{}
	_ whep.Session   = session{}
)

// Offer implements signal.Session.
func (s session) Offer(ctx context.Context) (string, error) {
	sdp, err := s.Session.Offer(ctx)
	return sdp, toViewer(err)
}

// Reoffer implements signal.Session.
func (s session) Reoffer(ctx context.Context) (string, error) {
	sdp, err := s.Session.Reoffer(ctx)
	return sdp, toViewer(err)
}

// Choose implements signal.Session. Before the camera's first picture it is not
// known how small it can get, so all that may be is taken.
func (s session) Choose(rendition string) error {
	best, known := capture.ParseRung(rendition)
	sizes := s.Sizes()
	if rendition != signal.RenditionAuto && (!known || len(sizes) > 0 && int(best) >= len(sizes)) {
		return signal.Errorf(signal.NoSuchRendition, "no rendition %q: there is %s", rendition, choices(sizes))
	}
	s.Limit(best)
	return nil
}

// Answer implements signal.Session.
func (s session) Answer(sdp string) error { return toViewer(s.Session.Answer(sdp)) }

// Accept implements whep.Session.
func (s session) Accept(ctx context.Context, offer string) (string, error) {
	sdp, err := s.Session.Accept(ctx, offer)
	return sdp, toViewer(err)
}

// Restart implements whep.Session.
func (s session) Restart(ctx context.Context, user, password string) (string, error) {
	sdp, err := s.Session.Restart(ctx, user, password)
	return sdp, toViewer(err)
}

// AddCandidate implements signal.Session.
func (s session) AddCandidate(c signal.Candidate) error {
	return s.Session.AddCandidate(peer.Candidate(c))
}

// Stats implements signal.Session.
func (s session) Stats() signal.Stats {
	stats := s.Session.Stats()
	out := signal.Stats{
		Rendition:       stats.Rung.String(),
		Width:           stats.Size.Width,
		Height:          stats.Size.Height,
		FramesPerSecond: stats.FrameRate,
		Layer:           int(stats.Layer),
		Bitrate:         int64(stats.Bitrate),
		Estimate:        int64(stats.Estimate),
		PacketsSent:     stats.Packets,
		PacketsLost:     stats.Lost,
		Loss:            stats.Loss,
		RoundTrip:       stats.RoundTrip,
		CaptureToSend:   stats.CaptureToSend,
		Time:            stats.Time,
		Timestamp:       stats.Timestamp,
	}
	for rung, size := range s.Sizes() {
		out.Choices = append(out.Choices, signal.Choice{Rendition: capture.Rung(rung).String(), Width: size.Width, Height: size.Height})
	}
	if stats.Codec != capture.NoCodec {
		out.Codec = stats.Codec.String()
	}
	return out
}

// choices names what a viewer may choose.
func choices(sizes []capture.Size) string {
	names := []string{signal.RenditionAuto}
	for rung := range sizes {
		names = append(names, capture.Rung(rung).String())
	}
	return strings.Join(names, ", ")
}

// toViewer gives the errors that a viewer should be told their codes.
func toViewer(err error) error {
	switch {
	case errors.Is(err, peer.ErrFull):
		return signal.Errorf(signal.Full, "%v; try again later, or raise --max-viewers", err)
	case errors.Is(err, peer.ErrNoCodec):
		return signal.Errorf(signal.NoCodec, "this browser can decode none of the camera's codecs; try another browser, or start pushcam with --codec auto")
	case errors.Is(err, peer.ErrDescription):
		return signal.Errorf(signal.BadMessage, "%v", err)
	case errors.Is(err, peer.ErrClosed):
		return signal.Errorf(signal.Gone, "the session is over")
	}
	return err
}

// isLoopback reports whether an address, or a relay's URL, is on this machine.
func isLoopback(address string) bool {
	host, _, err := net.SplitHostPort(address)
	if u, errURL := url.Parse(address); err != nil && errURL == nil {
		host = u.Hostname()
	}
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.Unmap().IsLoopback()
}

// states is the Source as signaling sees it.
type states struct{ source *capture.Source }

var _ signal.States = states{}

// CameraState implements signal.States.
func (s states) CameraState() (signal.CameraState, <-chan struct{}) {
	status, changed := s.source.Status()
	return signal.CameraState{State: stateName(status.State), Detail: status.Detail, Waiting: status.Trouble}, changed
}

// stateName is a state as the protocol calls it.
func stateName(state capture.State) string {
	switch state {
	case capture.Idle, capture.Closing:
		return signal.CameraIdle
	case capture.Opening:
		return signal.CameraOpening
	case capture.Live:
		return signal.CameraLive
	case capture.Lost:
		return signal.CameraLost
	}
	return signal.CameraIdle
}
