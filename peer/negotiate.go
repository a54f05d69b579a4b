package peer

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/pion/sdp/v3"
	"github.com/pion/webrtc/v4"
)

// maxEarlyCandidates bounds the candidates kept before the description they
// belong to; a browser has one or two for each of its networks.
const maxEarlyCandidates = 64

// Errors of wrong use of a Session by the viewer's messages.
var (
	errNegotiated        = errors.New("negotiated already")
	errNotOffered        = errors.New("answer without an offer")
	errTooManyCandidates = fmt.Errorf("more than %d candidates before the description", maxEarlyCandidates)
)

// Offer begins the negotiation from our side and returns our SDP with all our
// candidates: they are the addresses of this machine, so there is nothing to
// wait for and nothing to trickle.
func (s *Session) Offer(ctx context.Context) (string, error) {
	s.anticipate()
	pc, err := s.newConnection(ctx, false)
	if err != nil {
		return "", fmt.Errorf("offer: %w", err)
	}
	s.using.RLock()
	defer s.using.RUnlock()
	offer, err := pc.CreateOffer(nil)
	if err != nil {
		return "", fmt.Errorf("offer: %w", err)
	}
	sdp, err := s.describe(ctx, pc, offer)
	if err != nil {
		return "", fmt.Errorf("offer: %w", err)
	}
	return sdp, nil
}

// Answer applies the viewer's answer to our offer. It fails with ErrNoCodec
// when the answer takes none of the codecs.
func (s *Session) Answer(answer string) error {
	s.mu.Lock()
	pc, answered := s.pc, s.answered
	s.mu.Unlock()
	switch {
	case pc == nil:
		return fmt.Errorf("answer: %w", errNotOffered)
	case answered:
		return fmt.Errorf("answer: %w", errNegotiated)
	}
	s.using.RLock()
	defer s.using.RUnlock()
	if err := s.apply(pc, webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: answer}); err != nil {
		return fmt.Errorf("answer: %w", err)
	}
	return nil
}

// Candidate is an ICE candidate as RTCIceCandidateInit has it (W3C WebRTC
// section 4.8.1.1).
type Candidate = webrtc.ICECandidateInit

// AddCandidate adds one of the viewer's candidates, also before its
// description. One that does not parse is an error and changes nothing.
func (s *Session) AddCandidate(c Candidate) error {
	s.mu.Lock()
	pc, answered := s.pc, s.answered
	if !answered {
		defer s.mu.Unlock()
		if len(s.candidates) == maxEarlyCandidates {
			return fmt.Errorf("candidate: %w", errTooManyCandidates)
		}
		s.candidates = append(s.candidates, c)
		return nil
	}
	s.mu.Unlock()
	s.using.RLock()
	defer s.using.RUnlock()
	if err := pc.AddICECandidate(c); err != nil {
		return fmt.Errorf("candidate: %w", err)
	}
	return nil
}

// newConnection makes the PeerConnection with the track to send; there is one
// in a Session's life.
func (s *Session) newConnection(ctx context.Context, viewerIsLite bool) (*webrtc.PeerConnection, error) {
	api, err := s.hub.api(s.announcement(ctx), s.viewer.Loopback)
	if err != nil {
		return nil, err
	}
	pc, err := api.connect(s.hub.certificate, viewerIsLite)
	if err != nil {
		return nil, err
	}
	transceiver, err := pc.AddTransceiverFromTrack(track{s}, webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionSendonly})
	if err != nil {
		return nil, errors.Join(err, pc.Close())
	}
	s.mu.Lock()
	switch {
	case s.reason != nil:
		err = ErrClosed
	case s.pc != nil:
		err = errNegotiated
	default:
		s.pc, s.transceiver = pc, transceiver
	}
	s.mu.Unlock()
	if err != nil {
		return nil, errors.Join(err, pc.Close())
	}
	pc.OnConnectionStateChange(s.onConnectionState)
	transceiver.Sender().Transport().ICETransport().OnSelectedCandidatePairChange(s.onPath)
	return pc, nil
}

// describe sets our description and returns it with the candidates.
func (s *Session) describe(ctx context.Context, pc *webrtc.PeerConnection, d webrtc.SessionDescription) (string, error) {
	gathered := webrtc.GatheringCompletePromise(pc)
	if err := pc.SetLocalDescription(d); err != nil {
		return "", err
	}
	select {
	case <-gathered:
		return pc.LocalDescription().SDP, nil
	case <-s.ending:
		return "", ErrClosed
	case <-ctx.Done():
		return "", ctx.Err()
	}
}

// apply sets the viewer's description and then the candidates that were early.
// Of those, bad ones are dropped: their sender is past being told.
func (s *Session) apply(pc *webrtc.PeerConnection, d webrtc.SessionDescription) error {
	if err := checkVideo(&d, s.hub.cfg); err != nil {
		return err
	}
	if err := pc.SetRemoteDescription(d); err != nil {
		return fmt.Errorf("%w: %w", ErrDescription, err)
	}
	s.mu.Lock()
	s.answered = true
	early := s.candidates
	s.candidates = nil
	s.mu.Unlock()
	for _, c := range early {
		if err := pc.AddICECandidate(c); err != nil {
			s.hub.cfg.Log.Debug("early candidate", "viewer", s.viewer.ID, "err", err)
		}
	}
	return nil
}

// checkVideo tells a viewer without a common codec from a broken description,
// which the library does not.
func checkVideo(d *webrtc.SessionDescription, cfg Config) error {
	parsed, err := d.Unmarshal()
	if err != nil {
		return fmt.Errorf("%w: %w", ErrDescription, err)
	}
	if len(parsed.MediaDescriptions) == 0 {
		return fmt.Errorf("%w: it has no media section", ErrDescription)
	}
	for _, m := range parsed.MediaDescriptions {
		if m.MediaName.Media == "video" && !isRejected(m) && hasCodec(m, cfg) {
			return nil
		}
	}
	return ErrNoCodec
}

// isRejected reports whether a section is off: its port is 0, and not because it
// has no transport of its own (RFC 9143 section 6).
func isRejected(m *sdp.MediaDescription) bool {
	_, bundled := m.Attribute("bundle-only")
	return m.MediaName.Port.Value == 0 && !bundled
}

// hasCodec looks for one of our codecs among the rtpmap lines (RFC 8866
// section 6.6): "<payload type> <name>/<clock rate>".
func hasCodec(m *sdp.MediaDescription, cfg Config) bool {
	for _, a := range m.Attributes {
		if a.Key != "rtpmap" {
			continue
		}
		_, encoding, _ := strings.Cut(a.Value, " ")
		name, _, _ := strings.Cut(encoding, "/")
		for _, codec := range cfg.Codecs {
			if mime, _ := capability(codec, nil); strings.EqualFold("video/"+name, mime) {
				return true
			}
		}
	}
	return false
}
