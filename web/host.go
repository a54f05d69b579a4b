package web

import (
	"net/netip"
	"strconv"
	"strings"
)

// maxNameLength is the longest host name that DNS can carry (RFC 1035 section
// 2.3.4), without the trailing dot.
const maxNameLength = 253

// splitHost takes "host", "host:port" or "[v6]:port" apart, as a Host header or
// the authority of an Origin has it, and returns the host in the one spelling
// that can be compared: lower case, no trailing dot, addresses as netip prints
// them, without zone. port is empty when there is none. It accepts only what a
// browser can send; user info, spaces, raw Unicode and the like are not ok.
func splitHost(hostport string) (host, port string, ok bool) {
	host, port, ok = cutPort(hostport)
	if !ok {
		return "", "", false
	}
	if strings.HasPrefix(host, "[") {
		addr, err := netip.ParseAddr(strings.TrimSuffix(host[1:], "]"))
		if err != nil || !addr.Is6() {
			return "", "", false
		}
		return addr.WithZone("").String(), port, true
	}
	host = strings.TrimSuffix(strings.ToLower(host), ".")
	return host, port, validName(host)
}

// cutPort splits off ":port" and checks it; brackets stay on the host.
func cutPort(hostport string) (host, port string, ok bool) {
	host = hostport
	if bracket := strings.IndexByte(hostport, ']'); bracket >= 0 {
		host, port = hostport[:bracket+1], hostport[bracket+1:]
		if !strings.HasPrefix(host, "[") {
			return "", "", false
		}
	} else if colon := strings.IndexByte(hostport, ':'); colon >= 0 {
		host, port = hostport[:colon], hostport[colon:]
	}
	if port == "" {
		return host, "", true
	}
	number, err := strconv.ParseUint(port[1:], 10, 16)
	if port[0] != ':' || err != nil {
		return "", "", false
	}
	return host, strconv.FormatUint(number, 10), true
}

// validName reports whether a lower-case name could be a DNS name or an IPv4
// address: letters, digits, hyphen and (seen on LANs) underscore, in non-empty
// labels.
func validName(name string) bool {
	if name == "" || len(name) > maxNameLength {
		return false
	}
	for label := range strings.SplitSeq(name, ".") {
		if label == "" || len(label) > 63 {
			return false
		}
	}
	return strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789-_.") == ""
}

// isAddress reports whether a host from splitHost is an IP address. Nobody can
// rebind one: it takes a name to point a browser somewhere else.
func isAddress(host string) bool {
	_, err := netip.ParseAddr(host)
	return err == nil
}
