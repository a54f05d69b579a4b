package peer

import (
	"fmt"
	"slices"

	"github.com/pion/sdp/v3"
	"github.com/pion/webrtc/v4"
)

// parse reads a description.
func parse(text string) (*sdp.SessionDescription, error) {
	var parsed sdp.SessionDescription
	if err := parsed.UnmarshalString(text); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDescription, err)
	}
	return &parsed, nil
}

// marshal writes an offer again.
func marshal(parsed *sdp.SessionDescription) (webrtc.SessionDescription, error) {
	text, err := parsed.Marshal()
	return webrtc.SessionDescription{Type: webrtc.SDPTypeOffer, SDP: string(text)}, err
}

// direction is the way of a section, sendrecv where it says nothing (RFC 8866
// section 6.7).
func direction(m *sdp.MediaDescription) string {
	for _, a := range m.Attributes {
		switch a.Key {
		case sdp.AttrKeySendOnly, sdp.AttrKeyRecvOnly, sdp.AttrKeyInactive, sdp.AttrKeySendRecv:
			return a.Key
		}
	}
	return sdp.AttrKeySendRecv
}

// without returns the attributes whose keys are none of these.
func without(attributes []sdp.Attribute, keys ...string) []sdp.Attribute {
	return slices.DeleteFunc(attributes, func(a sdp.Attribute) bool { return slices.Contains(keys, a.Key) })
}
