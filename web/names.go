package web

import (
	"os"
	"runtime"
	"strings"
)

// privateSuffixes are the domains that home routers give their LAN and that no
// public name server answers for, so no stranger can own a name in them:
// OpenWrt's "lan", RFC 8375, and ICANN's private-use reservation of 2024.
var privateSuffixes = [...]string{"lan", "home.arpa", "internal"}

// OwnNames returns the names that a machine with this hostname (os.Hostname)
// goes by on its LAN, for Policy.OwnNames: as it stands, its first label alone,
// and that label under the LAN-only domains. "name.local" is not among them: a
// Policy takes every *.local name. A hostname that says nothing has none.
func OwnNames(hostname string) []string {
	host, port, ok := splitHost(hostname)
	if !ok || port != "" || isAddress(host) {
		return nil
	}
	label, _, qualified := strings.Cut(host, ".")
	names := []string{label}
	if qualified {
		names = append(names, host)
	}
	for _, suffix := range privateSuffixes {
		names = append(names, label+"."+suffix)
	}
	return names
}

// responderSocket is there while Avahi, the usual mDNS responder, runs.
const responderSocket = "/run/avahi-daemon/socket"

// localName returns the name that this machine answers to by multicast DNS, or
// nothing where no responder is known to run.
func localName() string {
	if _, err := os.Stat(responderSocket); err != nil && runtime.GOOS != "darwin" {
		return ""
	}
	hostname, err := os.Hostname()
	if err != nil {
		return ""
	}
	return multicastName(hostname)
}

// multicastName is what a responder makes of a hostname (RFC 6762 section 3);
// empty when it makes nothing.
func multicastName(hostname string) string {
	names := OwnNames(hostname)
	if len(names) == 0 {
		return ""
	}
	return names[0] + ".local"
}
