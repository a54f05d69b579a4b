package viewer

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pion/interceptor"
	"github.com/pion/interceptor/pkg/report"
	"github.com/pion/sdp/v3"
	"github.com/pion/webrtc/v4"

	"github.com/pushcam/pushcam/capture"
)

// Header extensions that package sdp has no name for.
const (
	playoutDelayURI   = "http://www.webrtc.org/experiments/rtp-hdrext/playout-delay"
	absCaptureTimeURI = "http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time"
)

// estimateFeedback says that a viewer tells what its path carries.
var estimateFeedback = webrtc.RTCPFeedback{Type: "goog-remb"}

// videoClock is the RTP clock rate of all video (RFC 6184 section 8.2.1, RFC
// 7741 section 6.1).
const videoClock = 90000

// h264Profiles are the profile-level-ids that browsers list: constrained
// baseline, baseline, main, high. The level binds only what we would send.
var h264Profiles = [...]string{"42e01f", "42001f", "4d001f", "64001f"}

// newAPI returns a pion API that receives just these codecs and reports what it
// received; with estimates also how much could be.
func (n *Network) newAPI(codecs []capture.Codec, estimates bool) (*webrtc.API, error) {
	media := &webrtc.MediaEngine{}
	feedback := []webrtc.RTCPFeedback{{Type: "nack"}, {Type: "nack", Parameter: "pli"}}
	if estimates {
		feedback = append(feedback, estimateFeedback)
	}
	if err := registerCodecs(media, codecs, feedback); err != nil {
		return nil, err
	}
	for _, uri := range []string{sdp.SDESMidURI, sdp.ABSSendTimeURI, playoutDelayURI, absCaptureTimeURI} {
		extension := webrtc.RTPHeaderExtensionCapability{URI: uri}
		if err := media.RegisterHeaderExtension(extension, webrtc.RTPCodecTypeVideo); err != nil {
			return nil, fmt.Errorf("register extension %s: %w", uri, err)
		}
	}

	registry := &interceptor.Registry{}
	reports, err := report.NewReceiverInterceptor()
	if err != nil {
		return nil, fmt.Errorf("make receiver reports: %w", err)
	}
	registry.Add(reports)

	return webrtc.NewAPI(webrtc.WithSettingEngine(n.settings),
		webrtc.WithMediaEngine(media), webrtc.WithInterceptorRegistry(registry)), nil
}

// registerCodecs numbers payload types from 96, each codec followed by its
// retransmissions (RFC 4588).
func registerCodecs(media *webrtc.MediaEngine, codecs []capture.Codec, feedback []webrtc.RTCPFeedback) error {
	next := webrtc.PayloadType(96)
	add := func(mime, fmtp string, feedback []webrtc.RTCPFeedback) error {
		err := media.RegisterCodec(webrtc.RTPCodecParameters{
			RTPCodecCapability: webrtc.RTPCodecCapability{
				MimeType: mime, ClockRate: videoClock, SDPFmtpLine: fmtp, RTCPFeedback: feedback,
			},
			PayloadType: next,
		}, webrtc.RTPCodecTypeVideo)
		if err != nil {
			return fmt.Errorf("register codec %s: %w", mime, err)
		}
		next++
		return nil
	}
	for _, codec := range codecs {
		var mime string
		var variants []string
		switch codec {
		case capture.H264:
			mime = webrtc.MimeTypeH264
			for _, profile := range h264Profiles {
				variants = append(variants, "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id="+profile)
			}
		case capture.VP8:
			mime, variants = webrtc.MimeTypeVP8, []string{""}
		case capture.NoCodec:
			fallthrough
		default:
			return fmt.Errorf("codec %v: a viewer knows only %v", codec, capture.Codecs())
		}
		for _, fmtp := range variants {
			if err := add(mime, fmtp, slices.Clone(feedback)); err != nil {
				return err
			}
			if err := add(webrtc.MimeTypeRTX, fmt.Sprintf("apt=%d", next-1), nil); err != nil {
				return err
			}
		}
	}
	return nil
}

// codecOf is the capture.Codec of a negotiated one.
func codecOf(mime string) capture.Codec {
	switch {
	case strings.EqualFold(mime, webrtc.MimeTypeH264):
		return capture.H264
	case strings.EqualFold(mime, webrtc.MimeTypeVP8):
		return capture.VP8
	}
	return capture.NoCodec
}
