package viewer

import (
	"context"
	"errors"
	"fmt"

	"github.com/pion/sdp/v3"
	"github.com/pion/webrtc/v4"
)

// maxEarlyCandidates bounds what is kept before there is a description to add
// it to.
const maxEarlyCandidates = 64

// ErrNoCodec is returned by Answer and SetAnswer when the peer sends no video
// in a codec that Config accepts.
var ErrNoCodec = errors.New("no video in a codec that the viewer accepts")

// Answer takes the peer's offer and returns our answer, both SDP.
func (v *Viewer) Answer(ctx context.Context, offer string) (string, error) {
	v.negotiating.RLock()
	defer v.negotiating.RUnlock()
	if err := v.describe(webrtc.SessionDescription{Type: webrtc.SDPTypeOffer, SDP: offer}); err != nil {
		return "", fmt.Errorf("answer offer: %w", err)
	}
	answer, err := v.pc.CreateAnswer(nil)
	if err != nil {
		return "", fmt.Errorf("answer offer: %w", err)
	}
	if err := checkVideo(answer.SDP, sdp.AttrKeyRecvOnly); err != nil {
		return "", fmt.Errorf("answer offer: %w", err)
	}
	local, err := v.propose(ctx, answer)
	if err != nil {
		return "", fmt.Errorf("answer offer: %w", err)
	}
	v.moments.answered.set()
	return local, nil
}

// Offer returns an offer to receive video, for SetAnswer to follow.
func (v *Viewer) Offer(ctx context.Context) (string, error) {
	v.negotiating.RLock()
	defer v.negotiating.RUnlock()
	if v.isClosing() {
		return "", fmt.Errorf("make offer: %w", ErrClosed)
	}
	_, err := v.pc.AddTransceiverFromKind(webrtc.RTPCodecTypeVideo,
		webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionRecvonly})
	if err != nil {
		return "", fmt.Errorf("make offer: %w", err)
	}
	offer, err := v.pc.CreateOffer(nil)
	if err != nil {
		return "", fmt.Errorf("make offer: %w", err)
	}
	local, err := v.propose(ctx, offer)
	if err != nil {
		return "", fmt.Errorf("make offer: %w", err)
	}
	return local, nil
}

// Restart returns an offer like the one before, with another ICE user name and
// password and our candidates of now (RFC 8839 section 4.4.1.1), for SetAnswer
// to follow. It is for a Viewer that has made an Offer.
func (v *Viewer) Restart(ctx context.Context) (string, error) {
	v.negotiating.RLock()
	defer v.negotiating.RUnlock()
	if v.isClosing() {
		return "", fmt.Errorf("restart ICE: %w", ErrClosed)
	}
	offer, err := v.pc.CreateOffer(&webrtc.OfferOptions{ICERestart: true})
	if err != nil {
		return "", fmt.Errorf("restart ICE: %w", err)
	}
	local, err := v.propose(ctx, offer)
	if err != nil {
		return "", fmt.Errorf("restart ICE: %w", err)
	}
	return local, nil
}

// SetAnswer takes the peer's answer to Offer, or to Restart.
func (v *Viewer) SetAnswer(answer string) error {
	v.negotiating.RLock()
	defer v.negotiating.RUnlock()
	if err := checkVideo(answer, sdp.AttrKeySendOnly); err != nil {
		return fmt.Errorf("take answer: %w", err)
	}
	if err := v.describe(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: answer}); err != nil {
		return fmt.Errorf("take answer: %w", err)
	}
	return nil
}

// AddCandidate takes one of the peer's candidates. Before there is an offer or
// answer it is kept.
func (v *Viewer) AddCandidate(candidate webrtc.ICECandidateInit) error {
	if v.isClosing() {
		return fmt.Errorf("add candidate: %w", ErrClosed)
	}
	v.mu.Lock()
	early := !v.described
	full := len(v.candidates) >= maxEarlyCandidates
	if early && !full {
		v.candidates = append(v.candidates, candidate)
	}
	v.mu.Unlock()
	if early && full {
		return fmt.Errorf("add candidate: over %d came before a description", maxEarlyCandidates)
	}
	if early {
		return nil
	}
	if err := v.pc.AddICECandidate(candidate); err != nil {
		return fmt.Errorf("add candidate: %w", err)
	}
	return nil
}

// describe sets the remote description, then adds the candidates that came
// before it.
func (v *Viewer) describe(description webrtc.SessionDescription) error {
	if v.isClosing() {
		return ErrClosed
	}
	v.moments.described.set()
	if err := v.pc.SetRemoteDescription(description); err != nil {
		return err
	}
	v.mu.Lock()
	candidates := v.candidates
	v.candidates, v.described = nil, true
	v.mu.Unlock()
	for _, candidate := range candidates {
		if err := v.pc.AddICECandidate(candidate); err != nil {
			return err
		}
	}
	return nil
}

// propose sets the local description and, if we do not trickle, waits until
// our candidates are in it.
func (v *Viewer) propose(ctx context.Context, description webrtc.SessionDescription) (string, error) {
	gathered := webrtc.GatheringCompletePromise(v.pc)
	if err := v.pc.SetLocalDescription(description); err != nil {
		return "", err
	}
	if v.config.OnCandidate != nil {
		return description.SDP, nil // the local one may have some of them by now
	}
	select {
	case <-gathered:
		return v.pc.LocalDescription().SDP, nil
	case <-ctx.Done():
		return "", ctx.Err()
	case <-v.closing:
		return "", ErrClosed
	}
}

// checkVideo returns ErrNoCodec unless an answer has a video that goes the
// way of this direction attribute, or both ways. A rejected one has port 0
// (RFC 3264 section 6).
func checkVideo(answer, direction string) error {
	var parsed sdp.SessionDescription
	if err := parsed.UnmarshalString(answer); err != nil {
		return err
	}
	for _, media := range parsed.MediaDescriptions {
		if media.MediaName.Media != "video" || media.MediaName.Port.Value == 0 {
			continue
		}
		_, oneWay := media.Attribute(direction)
		_, bothWays := media.Attribute(sdp.AttrKeySendRecv)
		if oneWay || bothWays {
			return nil
		}
	}
	return ErrNoCodec
}
