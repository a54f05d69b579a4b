package peer

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/pion/sdp/v3"
	"github.com/pion/webrtc/v4"
)

// Accept takes a viewer's offer and returns our answer with all our
// candidates. It fails with ErrNoCodec when the offer has no codec of ours, and
// with ErrDescription when it cannot be used.
func (s *Session) Accept(ctx context.Context, offer string) (string, error) {
	d, err := s.toReceive(offer)
	if err != nil {
		return "", fmt.Errorf("accept: %w", err)
	}
	pc, err := s.newConnection(ctx, isLite(offer))
	if err != nil {
		return "", fmt.Errorf("accept: %w", err)
	}
	pc.OnICECandidate(s.onCandidate)
	s.using.RLock()
	defer s.using.RUnlock()
	if err := s.apply(pc, d); err != nil {
		return "", fmt.Errorf("accept: %w", err)
	}
	answer, err := s.answer(ctx, pc)
	if err != nil {
		return "", fmt.Errorf("accept: %w", err)
	}
	s.mu.Lock()
	s.accepted = s.sending != nil
	defer s.mu.Unlock()
	if !s.accepted {
		// The codecs have the right names and the wrong parameters.
		return "", fmt.Errorf("accept: %w", ErrNoCodec)
	}
	return answer, nil
}

// onCandidate is called by the library with each of our candidates.
func (s *Session) onCandidate(c *webrtc.ICECandidate) {
	if c == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ours = append(s.ours, strings.TrimPrefix(c.ToJSON().Candidate, "candidate:"))
}

// answer makes our answer and sets it.
func (s *Session) answer(ctx context.Context, pc *webrtc.PeerConnection) (string, error) {
	answer, err := pc.CreateAnswer(nil)
	if err != nil {
		return "", err
	}
	text, err := s.describe(ctx, pc, answer)
	if err != nil {
		return "", err
	}
	s.mu.Lock()
	ours := s.ours
	s.ours = nil
	s.mu.Unlock()
	return withCandidates(text, s.mid(), ours)
}

// toReceive reads an offer and makes its video sections ones that only receive:
// one that would also send would have the answer do what we do not. The first of
// them is the bundle, as we turn all else away: before the answer a bundle's
// sections may have ICE credentials of their own.
func (s *Session) toReceive(offer string) (webrtc.SessionDescription, error) {
	d := webrtc.SessionDescription{Type: webrtc.SDPTypeOffer, SDP: offer}
	if err := checkVideo(&d, s.hub.cfg); err != nil {
		return d, err
	}
	parsed, err := parse(offer)
	if err != nil {
		return d, err
	}
	var ours *sdp.MediaDescription
	for _, m := range parsed.MediaDescriptions {
		if m.MediaName.Media != "video" || isRejected(m) {
			continue
		}
		if direction(m) == sdp.AttrKeySendRecv {
			m.Attributes = without(m.Attributes, sdp.AttrKeySendRecv)
			m.Attributes = append(m.Attributes, sdp.NewPropertyAttribute(sdp.AttrKeyRecvOnly))
		}
		if ours == nil && direction(m) == sdp.AttrKeyRecvOnly {
			ours = m
		}
	}
	if ours == nil {
		return d, fmt.Errorf("%w: no video section is recvonly or sendrecv", ErrDescription)
	}
	mid, _ := ours.Attribute(sdp.AttrKeyMID)
	for i, a := range parsed.Attributes {
		if a.Key == sdp.AttrKeyGroup && slices.Contains(strings.Fields(a.Value), mid) {
			parsed.Attributes[i].Value = "BUNDLE " + mid
		}
	}
	return marshal(parsed)
}

// withCandidates puts our candidates into our section. The library has them in
// the first, also when that is another, which we refuse.
func withCandidates(answer, mid string, candidates []string) (string, error) {
	parsed, err := parse(answer)
	if err != nil {
		return "", err
	}
	for _, m := range parsed.MediaDescriptions {
		if id, _ := m.Attribute(sdp.AttrKeyMID); id != mid {
			m.Attributes = without(m.Attributes, sdp.AttrKeyCandidate, sdp.AttrKeyEndOfCandidates)
			continue
		}
		if _, has := m.Attribute(sdp.AttrKeyCandidate); has {
			continue
		}
		for _, c := range candidates {
			m.Attributes = append(m.Attributes, sdp.NewAttribute(sdp.AttrKeyCandidate, c))
		}
		m.Attributes = append(m.Attributes, sdp.NewPropertyAttribute(sdp.AttrKeyEndOfCandidates))
	}
	d, err := marshal(parsed)
	return d.SDP, err
}
