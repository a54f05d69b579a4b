package peer

import (
	"context"
	"errors"
	"fmt"

	"github.com/pion/sdp/v3"
	"github.com/pion/webrtc/v4"
)

var (
	errNotAccepted = errors.New("no offer was accepted")
	errNotAnswered = errors.New("no offer was answered")
	errRestarting  = errors.New("another restart is under way")
)

// Restart takes the user name and password of an ICE restart (RFC 8839 section
// 4.4.1.1) of a viewer that was accepted, and returns our answer with ours and
// all our candidates; nothing else of it is new. The viewer's candidates are to
// follow by AddCandidate. Until it has found a path again it gets no pictures.
func (s *Session) Restart(ctx context.Context, user, password string) (string, error) {
	s.using.RLock()
	defer s.using.RUnlock()
	pc, err := s.beginRestart(true)
	if err != nil {
		return "", fmt.Errorf("restart: %w", err)
	}
	defer s.endRestart()
	d, err := withCredentials(pc.RemoteDescription().SDP, user, password)
	if err != nil {
		return "", fmt.Errorf("restart: %w", err)
	}
	if err := pc.SetRemoteDescription(d); err != nil {
		return "", fmt.Errorf("restart: %w: %w", ErrDescription, err)
	}
	s.forgetPath()
	answer, err := s.answer(ctx, pc)
	if err != nil {
		return "", fmt.Errorf("restart: %w", err)
	}
	return answer, nil
}

// Reoffer restarts ICE of a viewer to whom we made the Offer: it returns that
// offer with another user name and password and all our candidates, for the
// viewer to Answer. Until it has, and has found a path again, it gets no
// pictures; nothing else of it is new.
func (s *Session) Reoffer(ctx context.Context) (string, error) {
	s.using.RLock()
	defer s.using.RUnlock()
	pc, err := s.beginRestart(false)
	if err != nil {
		return "", fmt.Errorf("reoffer: %w", err)
	}
	defer s.endRestart()
	offer, err := pc.CreateOffer(&webrtc.OfferOptions{ICERestart: true})
	if err != nil {
		return "", fmt.Errorf("reoffer: %w", err)
	}
	s.forgetPath()
	s.await()
	sdp, err := s.describe(ctx, pc, offer)
	if err != nil {
		return "", fmt.Errorf("reoffer: %w", err)
	}
	return sdp, nil
}

// await keeps the candidates that come from now on for the answer to come.
func (s *Session) await() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answered = false
}

// beginRestart begins one of a Session that was accepted, or that was answered.
func (s *Session) beginRestart(accepted bool) (*webrtc.PeerConnection, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.reason != nil:
		return nil, ErrClosed
	case s.restarting:
		return nil, errRestarting
	case accepted && !s.accepted:
		return nil, errNotAccepted
	case !accepted && (s.accepted || !s.answered || s.sending == nil):
		return nil, errNotAnswered
	}
	s.restarting = true
	return s.pc, nil
}

// forgetPath ends the sending by the Batch until the library tells the new
// path. Nothing comes in between: the viewer does not know our user name yet.
func (s *Session) forgetPath() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.address = nil
	s.sending.address.Store(nil)
}

func (s *Session) endRestart() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.restarting = false
}

// withCredentials is an offer after an ICE restart. Its candidates are gone.
func withCredentials(offer, user, password string) (webrtc.SessionDescription, error) {
	parsed, err := parse(offer)
	if err != nil {
		return webrtc.SessionDescription{}, err
	}
	parsed.Attributes = replaceCredentials(parsed.Attributes, user, password)
	for _, m := range parsed.MediaDescriptions {
		m.Attributes = replaceCredentials(m.Attributes, user, password)
	}
	return marshal(parsed)
}

func replaceCredentials(attributes []sdp.Attribute, user, password string) []sdp.Attribute {
	attributes = without(attributes, sdp.AttrKeyCandidate, sdp.AttrKeyEndOfCandidates)
	for i := range attributes {
		switch attributes[i].Key {
		case "ice-ufrag":
			attributes[i].Value = user
		case "ice-pwd":
			attributes[i].Value = password
		}
	}
	return attributes
}
