package wire

import (
	"encoding/json"
	"fmt"

	"github.com/pushcam/pushcam/signal"
)

// envelope has the members of all types of messages.
type envelope struct {
	Type      signal.Type  `json:"type"`
	ID        string       `json:"id,omitempty"`
	Offer     *description `json:"offer,omitempty"`
	Answer    *description `json:"answer,omitempty"`
	Candidate *candidate   `json:"candidate,omitempty"`
	Rendition string       `json:"rendition,omitempty"`
	On        *bool        `json:"on,omitempty"`
	Code      signal.Code  `json:"code,omitempty"`
	Message   string       `json:"message,omitempty"`
	Camera    string       `json:"camera,omitempty"`
	Detail    string       `json:"detail,omitempty"`
	Waiting   bool         `json:"waiting,omitempty"`
	*stats
}

// description is RTCSessionDescriptionInit (W3C WebRTC section 4.6.2).
type description struct {
	Type signal.Type `json:"type"`
	SDP  string      `json:"sdp"`
}

// candidate is RTCIceCandidateInit (W3C WebRTC section 4.8.1.1).
type candidate struct {
	Candidate        string  `json:"candidate"`
	SDPMid           *string `json:"sdpMid"`
	SDPMLineIndex    *uint16 `json:"sdpMLineIndex"`
	UsernameFragment *string `json:"usernameFragment"`
}

// Encode returns the text of m. It fails only for nil and for types that are
// not of package signal.
func Encode(m signal.Message) ([]byte, error) {
	var e envelope
	switch m := m.(type) {
	case signal.PushInit, signal.PullInit, signal.PullStart, signal.Restart, signal.Bye:
	case signal.Offer:
		e.Offer = &description{Type: signal.TypeOffer, SDP: m.SDP}
	case signal.Answer:
		e.Answer = &description{Type: signal.TypeAnswer, SDP: m.SDP}
	case signal.Trickle:
		e.Candidate = (*candidate)(&m.Candidate)
	case signal.Quality:
		e.Rendition = m.Rendition
	case signal.Watch:
		e.On = &m.On
	case *signal.Error:
		e.Code, e.Message = m.Code, m.Message
	case signal.State:
		e.Camera, e.Detail, e.Waiting = m.Camera.State, m.Camera.Detail, m.Camera.Waiting
	case signal.Report:
		e.Rendition, e.stats = m.Stats.Rendition, encodeStats(m.Stats)
	default:
		return nil, fmt.Errorf("encode message: no such type: %T", m)
	}
	e.Type, e.ID = m.Type(), signal.IDOf(m)
	text, err := json.Marshal(e)
	if err != nil {
		return nil, fmt.Errorf("encode message %s: %w", e.Type, err)
	}
	return text, nil
}
