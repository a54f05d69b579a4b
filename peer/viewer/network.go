package viewer

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"fmt"
	"net"
	"time"

	"github.com/pion/ice/v4"
	"github.com/pion/transport/v4"
	"github.com/pion/webrtc/v4"
)

// dtlsRetransmission is how soon a lost handshake message is sent again.
// Browsers start at 50 ms; pion's second would make a join over a lossy
// network look worse than it is.
const dtlsRetransmission = 50 * time.Millisecond

// NetworkConfig says how viewers reach the network. The zero value is UDP on
// all interfaces but loopback.
type NetworkConfig struct {
	// Loopback is for a target on this machine: candidates are loopback
	// addresses only.
	Loopback bool
	// Types are the transports to use; none means UDP over IPv4 and IPv6.
	Types []webrtc.NetworkType
	// Net takes the operating system's place, in tests on a virtual network.
	Net transport.Net
}

// Network is what the Viewers of one process have in common, which makes them
// cheap: one certificate, one set of settings. It is immutable, may be used by
// any goroutine and needs no closing.
type Network struct {
	certificate webrtc.Certificate
	settings    webrtc.SettingEngine
}

// NewNetwork makes the certificate.
func NewNetwork(config NetworkConfig) (*Network, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("make certificate key: %w", err)
	}
	certificate, err := webrtc.GenerateCertificate(key)
	if err != nil {
		return nil, fmt.Errorf("make certificate: %w", err)
	}
	return &Network{certificate: *certificate, settings: settings(config)}, nil
}

func settings(config NetworkConfig) webrtc.SettingEngine {
	types := config.Types
	if len(types) == 0 {
		types = []webrtc.NetworkType{webrtc.NetworkTypeUDP4, webrtc.NetworkTypeUDP6}
	}
	var s webrtc.SettingEngine
	s.SetNetworkTypes(types)
	s.SetIncludeLoopbackCandidate(config.Loopback)
	s.SetIPFilter(func(ip net.IP) bool {
		if config.Loopback {
			return ip.IsLoopback()
		}
		return ip.To4() != nil || !ip.IsLinkLocalUnicast() // as browsers do
	})
	// Browsers are the client, too. The server, who has keyframe packets to
	// send, is then through with the handshake first.
	_ = s.SetAnsweringDTLSRole(webrtc.DTLSRoleClient) // an unknown role fails
	s.SetICEMulticastDNSMode(ice.MulticastDNSModeDisabled)
	// The first pair that works is used: waiting for a better one would be
	// measured as the server's join time.
	s.SetHostAcceptanceMinWait(0)
	s.SetSrflxAcceptanceMinWait(0)
	s.SetPrflxAcceptanceMinWait(0)
	s.SetRelayAcceptanceMinWait(0)
	s.SetICEMaxBindingRequests(maxChecks)
	s.SetDTLSRetransmissionInterval(dtlsRetransmission)
	// The track is known from the SDP before its first packet, so that a
	// keyframe can be asked for even when that packet was lost.
	s.SetFireOnTrackBeforeFirstRTP(true)
	if config.Net != nil {
		s.SetNet(config.Net)
	}
	return s
}
