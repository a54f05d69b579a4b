package peer

import (
	"fmt"
	"time"

	"github.com/pion/dtls/v3"
	"github.com/pion/ice/v4"
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

// How long a connection may be silent. Consent checks (RFC 7675) go out every
// two seconds; a viewer that answers none for ten is gone.
const (
	keepalive    = 2 * time.Second
	disconnected = 5 * time.Second
	failed       = 5 * time.Second // after disconnected
)

// dtlsRetransmission is how soon a lost handshake message is sent again, at
// first: what browsers do. The library's second would be seen by every viewer
// who loses one.
const dtlsRetransmission = 50 * time.Millisecond

// newAPI sets up the library for Sessions of one kind. There are no
// interceptors: feedback.go and reports.go do what is needed of them, from
// state that is there anyway, at a fraction of the cost per packet.
func newAPI(cfg Config, l *listeners, h264Profiles []string, loopback bool) (*webrtc.API, error) {
	media, err := newMediaEngine(cfg.Codecs, h264Profiles)
	if err != nil {
		return nil, err
	}
	s := webrtc.SettingEngine{LoggerFactory: logFactory{cfg.Log}}
	s.BufferFactory = l.buffer
	s.SetICEUDPMux(cfg.Network.UDP(loopback))
	if tcp := cfg.Network.TCP(); tcp != nil {
		s.SetICETCPMux(tcp)
	}
	s.SetNetworkTypes([]webrtc.NetworkType{
		webrtc.NetworkTypeUDP4, webrtc.NetworkTypeUDP6, webrtc.NetworkTypeTCP4, webrtc.NetworkTypeTCP6,
	})
	s.SetInterfaceFilter(cfg.Network.Offers) // for TCP; the UDP mux has its own
	s.SetIncludeLoopbackCandidate(loopback)
	s.DisableActiveTCP(true)
	// A browser hides its addresses behind mDNS names. They need no
	// resolving: its checks reach us and make peer-reflexive candidates,
	// which then must not wait for better ones.
	s.SetICEMulticastDNSMode(ice.MulticastDNSModeDisabled)
	s.SetHostAcceptanceMinWait(0)
	s.SetPrflxAcceptanceMinWait(0)
	s.SetICETimeouts(disconnected, failed, keepalive)
	// ICE has proved the path already, so the cookie exchange that protects
	// DTLS servers from forged addresses would only cost a round trip.
	s.SetDTLSInsecureSkipHelloVerify(true)
	s.SetDTLSRetransmissionInterval(dtlsRetransmission)
	s.SetSRTPProtectionProfiles(
		dtls.SRTP_AEAD_AES_128_GCM,
		dtls.SRTP_AES128_CM_HMAC_SHA1_80,
	)
	return webrtc.NewAPI(
		webrtc.WithMediaEngine(media),
		webrtc.WithSettingEngine(s),
		webrtc.WithInterceptorRegistry(&interceptor.Registry{}),
	), nil
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
