package peer

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/pion/sdp/v3"
	"github.com/pion/webrtc/v4"
	"github.com/pushcam/pushcam/capture"
	"github.com/pushcam/pushcam/peer/packetizer"
)

// track is a Session as the library's sender sees it. There is one for each
// viewer, as sequence numbers and timestamps are.
type track struct{ session *Session }

var _ webrtc.TrackLocal = track{}

// Bind implements webrtc.TrackLocal: it is called, within the call that
// applies the last description, when both sides' codecs are known.
func (t track) Bind(c webrtc.TrackLocalContext) (webrtc.RTPCodecParameters, error) {
	codec, parameters, ok := choose(t.session.hub.cfg.Codecs, c.CodecParameters())
	if !ok {
		return webrtc.RTPCodecParameters{}, ErrNoCodec
	}
	subscription, err := t.session.hub.cfg.Source.Subscribe(codec)
	if err != nil {
		return webrtc.RTPCodecParameters{}, fmt.Errorf("bind: %w", err)
	}
	cfg := packetizer.Config{
		Codec:       codec,
		PayloadType: uint8(parameters.PayloadType),
		SSRC:        uint32(c.SSRC()),
		Extensions:  extensions(c.HeaderExtensions(), t.session.mid()),
	}
	if pt, ok := retransmission(c.CodecParameters(), parameters.PayloadType); ok {
		cfg.RTXPayloadType, cfg.RTXSSRC = uint8(pt), uint32(c.SSRCRetransmission())
	}
	v := &sending{
		session:      t.session,
		codec:        codec,
		ssrc:         cfg.SSRC,
		subscription: subscription,
		packetizer:   packetizer.New(cfg, time.Now()),
		writer:       c.WriteStream(),
		left:         make(chan struct{}),
	}
	v.write = v.writeRTP
	return parameters, t.session.settle(v)
}

// settle stores what Bind has found, unless the Session has ended meanwhile.
func (s *Session) settle(v *sending) error {
	s.mu.Lock()
	ended := s.reason != nil || !s.hub.listeners.expect(v)
	if !ended {
		s.hub.usual.Store(int32(v.codec))
		v.sender = s.transceiver.Sender()
		v.address.Store(s.address)
		s.sending = v
	}
	s.mu.Unlock()
	s.closeEarly() // v has a place now
	if ended {
		return v.subscription.Close()
	}
	v.subscription.Prepare() // ICE and DTLS take about as long as a keyframe
	return nil
}

// Unbind implements webrtc.TrackLocal; the Session gives everything back itself.
func (track) Unbind(webrtc.TrackLocalContext) error { return nil }

// ID implements webrtc.TrackLocal.
func (track) ID() string { return "camera" }

// RID implements webrtc.TrackLocal: no simulcast.
func (track) RID() string { return "" }

// StreamID implements webrtc.TrackLocal. Pages take event.streams[0], so there
// has to be one.
func (track) StreamID() string { return "pushcam" }

// Kind implements webrtc.TrackLocal.
func (track) Kind() webrtc.RTPCodecType { return webrtc.RTPCodecTypeVideo }

// choose picks our most preferred codec that was negotiated.
func choose(preferred []capture.Codec, negotiated []webrtc.RTPCodecParameters) (capture.Codec, webrtc.RTPCodecParameters, bool) {
	for _, codec := range preferred {
		mime, _ := capability(codec, nil)
		for _, p := range negotiated {
			if strings.EqualFold(p.MimeType, mime) {
				return codec, p, true
			}
		}
	}
	return capture.NoCodec, webrtc.RTPCodecParameters{}, false
}

// retransmission finds the payload type that carries packets of pt again.
func retransmission(negotiated []webrtc.RTPCodecParameters, pt webrtc.PayloadType) (webrtc.PayloadType, bool) {
	apt := "apt=" + strconv.Itoa(int(pt))
	for _, p := range negotiated {
		if strings.EqualFold(p.MimeType, webrtc.MimeTypeRTX) && p.SDPFmtpLine == apt {
			return p.PayloadType, true
		}
	}
	return 0, false
}

// extensions are the ids of those that both sides know.
func extensions(negotiated []webrtc.RTPHeaderExtensionParameter, mid string) packetizer.Extensions {
	out := packetizer.Extensions{MIDValue: mid}
	for _, e := range negotiated {
		if e.ID < 1 || e.ID > 14 { // of the one-byte form (RFC 8285 section 4.2)
			continue
		}
		switch id := uint8(e.ID); e.URI {
		case sdp.ABSSendTimeURI:
			out.AbsSendTime = id
		case absCaptureTimeURI:
			out.AbsCaptureTime = id
		case playoutDelayURI:
			out.PlayoutDelay = id
		case sdp.SDESMidURI:
			out.MID = id
		}
	}
	return out
}
