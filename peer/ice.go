package peer

import (
	"strings"
	"time"

	"github.com/pion/ice/v4"
	"github.com/pion/stun/v4"
	"github.com/pion/webrtc/v4"
)

// How long a connection may be silent. A browser asks for consent (RFC 7675)
// every few seconds and reports what it received every second; one of whom
// nothing was heard for ten is gone. The library looks every two seconds.
const (
	disconnected = 5 * time.Second
	failed       = 3 * time.Second // after disconnected
)

// setICE says what all agents have in common.
func setICE(s *webrtc.SettingEngine, network Network, loopback bool) {
	s.SetICEUDPMux(network.UDP(loopback))
	if tcp := network.TCP(); tcp != nil {
		s.SetICETCPMux(tcp)
	}
	s.SetNetworkTypes([]webrtc.NetworkType{
		webrtc.NetworkTypeUDP4, webrtc.NetworkTypeUDP6, webrtc.NetworkTypeTCP4, webrtc.NetworkTypeTCP6,
	})
	s.SetInterfaceFilter(network.Offers) // for TCP; the UDP mux has its own
	s.SetIncludeLoopbackCandidate(loopback)
	s.DisableActiveTCP(true)
	// A browser hides its addresses behind mDNS names. They need no
	// resolving: its checks reach us and make peer-reflexive candidates.
	s.SetICEMulticastDNSMode(ice.MulticastDNSModeDisabled)
	s.SetICETimeouts(disconnected, failed, 0)
}

// setRole makes us an ICE-lite agent (RFC 8445 section 2.5): we have host
// candidates only, on ports that are open, so it is the viewer who checks and
// nominates, and we answer. A full agent would be the controlling one, as who
// offers is; the library's nominates when the next check comes after its own
// was answered, or every 200 ms, and these are added to a join.
//
// To a viewer that only answers too we are a full agent: on a shared port only
// checks tell who sends.
func setRole(s *webrtc.SettingEngine, viewerIsLite bool) {
	if viewerIsLite {
		s.SetHostAcceptanceMinWait(0)
		s.SetPrflxAcceptanceMinWait(0)
		return
	}
	s.SetLite(true)
	s.SetICEBindingRequestHandler(firstCheck())
}

// isLite reports whether a description is an ICE-lite agent's (RFC 8839
// section 5.3).
func isLite(description string) bool { return strings.Contains(description, "\na=ice-lite") }

// firstCheck makes one agent take the first pair that the viewer checks, after
// each restart again, until it nominates one. Chromium begins with DTLS as soon
// as a check of its own was answered, and nominates the pair 50 ms later: time
// enough to answer that.
func firstCheck() func(*stun.Message, ice.Candidate, ice.Candidate, *ice.CandidatePair) bool {
	var checked string // the user name, which a restart changes; the agent's own goroutine calls
	return func(m *stun.Message, _, _ ice.Candidate, _ *ice.CandidatePair) bool {
		name, err := m.Get(stun.AttrUsername)
		if err != nil || string(name) == checked {
			return false
		}
		checked = string(name)
		return true
	}
}
