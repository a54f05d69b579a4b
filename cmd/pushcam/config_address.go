package main

import (
	"bytes"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"

	"github.com/pushcam/pushcam/signal/whep"
	"github.com/pushcam/pushcam/web"
)

// listenAddress is a TCP address to listen on. Host "" is every address of the
// machine, Port 0 any free port.
type listenAddress struct {
	Host string
	Port int
}

// UnmarshalText reads HOST:PORT, :PORT or [IPV6]:PORT.
func (a *listenAddress) UnmarshalText(text []byte) error {
	name, port, err := net.SplitHostPort(string(text))
	n, errPort := strconv.ParseUint(port, 10, 16)
	if err != nil || errPort != nil || !(name == "" || isHost(name)) {
		return wrong(text, "[HOST]:PORT like :1990, 127.0.0.1:1990 or [::1]:1990")
	}
	*a = listenAddress{Host: name, Port: int(n)}
	return nil
}

// String is the form that net.Listen takes.
func (a listenAddress) String() string { return net.JoinHostPort(a.Host, strconv.Itoa(a.Port)) }

// ifaceName names a network interface.
type ifaceName string

// UnmarshalText checks what every kernel asks of such a name. Whether the
// interface exists is not looked at: a USB Wi-Fi adapter may come later.
func (i *ifaceName) UnmarshalText(text []byte) error {
	if len(text) == 0 || len(text) > 64 || strings.ContainsAny(string(text), "/: \t") {
		return wrong(text, "the name of a network interface like eth0 or wlan0")
	}
	*i = ifaceName(text)
	return nil
}

// relayURL is the WebSocket URL of a relay, "" for none.
type relayURL string

// UnmarshalText reads a ws:// or wss:// URL.
func (r *relayURL) UnmarshalText(text []byte) error {
	u, err := url.Parse(string(text))
	if err != nil || (u.Scheme != "ws" && u.Scheme != "wss") || !dialable(u) {
		return wrong(text, "a WebSocket URL like ws://192.168.1.20:1990")
	}
	*r = relayURL(u.String())
	return nil
}

// viewURL is what a viewer connects to: the URL of a WebSocket, or of a WHEP
// endpoint.
type viewURL struct {
	address string        // without the login; "" for none
	login   *url.Userinfo // nil for none
}

// UnmarshalText reads a ws, wss, http or https URL, or just HOST[:PORT] with
// the default port of pushcam serve. With http or https it is the page's URL,
// which has no path, or that of a WHEP endpoint, which has one. The errors leave
// out the login.
func (v *viewURL) UnmarshalText(text []byte) error {
	s := string(text)
	bare := !strings.Contains(s, "://")
	if bare {
		s = "ws://" + s
	}
	shown := text[bytes.LastIndexByte(text, '@')+1:]
	u, err := url.Parse(s)
	if err != nil || !dialable(u) {
		return wrong(shown, "a URL like http://192.168.1.20:1990, or http://192.168.1.20:1990/whep for WHEP")
	}
	isPage := u.Path == "" || u.Path == "/"
	switch {
	case u.Scheme == "ws", u.Scheme == "wss":
	case u.Scheme == "http" && isPage:
		u.Scheme = "ws"
	case u.Scheme == "https" && isPage:
		u.Scheme = "wss"
	case u.Scheme == "http", u.Scheme == "https":
	default:
		return wrong(shown, "a URL that begins with http, https, ws or wss")
	}
	if bare && u.Port() == "" {
		u.Host = net.JoinHostPort(u.Hostname(), "1990")
	}
	v.login, u.User = u.User, nil
	v.address = u.String()
	return nil
}

// String has no login in it.
func (v viewURL) String() string { return v.address }

// isWHEP reports whether it is the URL of a WHEP endpoint.
func (v viewURL) isWHEP() bool { return strings.HasPrefix(v.address, "http") }

// iceServer is a STUN or TURN server.
type iceServer struct{ whep.ICEServer }

// UnmarshalText takes what WHEP can tell.
func (s *iceServer) UnmarshalText(text []byte) (err error) {
	if s.ICEServer, err = whep.ParseICEServer(string(text)); err != nil {
		return fmt.Errorf("%q: %w, like stun:stun.example.org:3478 or turn:USER:PASSWORD@turn.example.org:3478", text, err)
	}
	return nil
}

// dialable reports whether u names a host and, if any, a usable port.
func dialable(u *url.URL) bool {
	port, err := strconv.ParseUint(u.Port(), 10, 16)
	return isHost(u.Hostname()) && u.Opaque == "" && u.Fragment == "" &&
		(u.Port() == "" || err == nil && port > 0)
}

// allowedOrigin is an entry of web.Policy's AllowOrigins.
type allowedOrigin string

// UnmarshalText takes what the policy takes.
func (o *allowedOrigin) UnmarshalText(text []byte) error {
	*o = allowedOrigin(text)
	if (web.Policy{AllowOrigins: []string{string(text)}}).Check() != nil {
		return wrong(text, "an origin like https://home.example.org:8123, a host name, null or *")
	}
	return nil
}

// allowedHost is an entry of web.Policy's AllowHosts.
type allowedHost string

// UnmarshalText takes what the policy takes.
func (h *allowedHost) UnmarshalText(text []byte) error {
	*h = allowedHost(text)
	if (web.Policy{AllowHosts: []string{string(text)}}).Check() != nil {
		return wrong(text, "a host name like cam.example.org, without scheme and port, or *")
	}
	return nil
}

// isHost reports whether s is an IP address or could be a DNS name (RFC 1123
// section 2.1, and the underscore that real networks use).
func isHost(s string) bool {
	if address, _, _ := strings.Cut(s, "%"); net.ParseIP(address) != nil {
		return true
	}
	for label := range strings.SplitSeq(s, ".") {
		if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' ||
			strings.Trim(strings.ToLower(label), "abcdefghijklmnopqrstuvwxyz0123456789-_") != "" {
			return false
		}
	}
	return len(s) <= 253
}
