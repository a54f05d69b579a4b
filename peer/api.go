package peer

import (
	"fmt"
	"time"

	"github.com/pion/dtls/v3"
	"github.com/pion/interceptor"
	"github.com/pion/sdp/v3"
	"github.com/pion/webrtc/v4"
	"github.com/pushcam/pushcam/capture"
	"github.com/pushcam/pushcam/peer/packetizer"
)

// Header extensions that package sdp has no name for. See
// packetizer.Extensions.
const (
	playoutDelayURI   = "http://www.webrtc.org/experiments/rtp-hdrext/playout-delay"
	absCaptureTimeURI = "http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time"
)

// dtlsRetransmission is how soon a lost handshake message is sent again, at
// first: what browsers do. The library's second would be seen by every viewer
// who loses one.
const dtlsRetransmission = 50 * time.Millisecond

// api is the library set up for Sessions of one kind.
type api struct {
	media    *webrtc.MediaEngine
	settings webrtc.SettingEngine
	network  Network
}

// connect makes a PeerConnection to a viewer, which may be an ICE-lite agent
// itself. There are no interceptors: feedback.go and reports.go do what is
// needed of them, from state that is there anyway, at a fraction of the cost
// per packet.
func (a *api) connect(certificate webrtc.Certificate, viewerIsLite bool) (*webrtc.PeerConnection, error) {
	settings := a.settings
	setRole(&settings, viewerIsLite)
	if n, ok := a.network.(surveyor); ok {
		settings.SetNet(n.Net())
	}
	return webrtc.NewAPI(
		webrtc.WithMediaEngine(a.media),
		webrtc.WithSettingEngine(settings),
		webrtc.WithInterceptorRegistry(&interceptor.Registry{}),
	).NewPeerConnection(webrtc.Configuration{
		Certificates: []webrtc.Certificate{certificate},
		BundlePolicy: webrtc.BundlePolicyMaxBundle,
	})
}

func newAPI(cfg Config, l *listeners, h264Profiles []string, loopback bool) (*api, error) {
	media, err := newMediaEngine(cfg.Codecs, h264Profiles)
	if err != nil {
		return nil, err
	}
	s := webrtc.SettingEngine{LoggerFactory: logFactory{cfg.Log}}
	s.BufferFactory = l.buffer
	setICE(&s, cfg.Network, loopback)
	// ICE has proved the path already, so the cookie exchange that protects
	// DTLS servers from forged addresses would only cost a round trip.
	s.SetDTLSInsecureSkipHelloVerify(true)
	s.SetDTLSRetransmissionInterval(dtlsRetransmission)
	s.SetSRTPProtectionProfiles(
		dtls.SRTP_AEAD_AES_128_GCM,
		dtls.SRTP_AES128_CM_HMAC_SHA1_80,
	)
	return &api{media, s, cfg.Network}, nil
}

// newMediaEngine registers the codecs in the order of preference, each with
// retransmission (RFC 4588).
func newMediaEngine(codecs []capture.Codec, h264Profiles []string) (*webrtc.MediaEngine, error) {
	m := &webrtc.MediaEngine{}
	feedback := []webrtc.RTCPFeedback{{Type: "ccm", Parameter: "fir"}, {Type: "nack"}, {Type: "nack", Parameter: "pli"}, {Type: "goog-remb"}}
	payloadType := webrtc.PayloadType(96)
	for _, codec := range codecs {
		mime, variants := capability(codec, h264Profiles)
		for _, fmtp := range variants {
			for _, p := range []webrtc.RTPCodecParameters{
				{
					RTPCodecCapability: webrtc.RTPCodecCapability{MimeType: mime, ClockRate: packetizer.ClockRate, SDPFmtpLine: fmtp, RTCPFeedback: feedback},
					PayloadType:        payloadType,
				}, {
					RTPCodecCapability: webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeRTX, ClockRate: packetizer.ClockRate, SDPFmtpLine: fmt.Sprintf("apt=%d", payloadType)},
					PayloadType:        payloadType + 1,
				},
			} {
				if err := m.RegisterCodec(p, webrtc.RTPCodecTypeVideo); err != nil {
					return nil, fmt.Errorf("register %v: %w", codec, err)
				}
			}
			payloadType += 2
		}
	}
	for _, uri := range []string{sdp.ABSSendTimeURI, absCaptureTimeURI, playoutDelayURI, sdp.SDESMidURI} {
		if err := m.RegisterHeaderExtension(webrtc.RTPHeaderExtensionCapability{URI: uri}, webrtc.RTPCodecTypeVideo); err != nil {
			return nil, fmt.Errorf("register %s: %w", uri, err)
		}
	}
	return m, nil
}

// capability is how a codec is written in SDP, in each of its variants.
func capability(codec capture.Codec, h264Profiles []string) (mime string, fmtp []string) {
	switch codec {
	case capture.H264:
		for _, profile := range h264Profiles {
			fmtp = append(fmtp, "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id="+profile)
		}
		return webrtc.MimeTypeH264, fmtp
	case capture.VP8:
		return webrtc.MimeTypeVP8, []string{""}
	case capture.NoCodec:
	}
	return "", nil
}
