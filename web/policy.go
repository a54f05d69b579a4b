package web

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// What has a meaning of its own in the lists of a Policy.
const (
	anyone = "*"    // switches the rule off
	nobody = "null" // the Origin of pages opened from a file, and of sandboxed frames
)

// Policy says under which names the server answers and which pages may talk to
// it. The zero value is the strictest useful one: IP addresses, localhost and
// *.local names, and only pages from the same host. It is read-only once in
// use, and then safe for concurrent use.
type Policy struct {
	// AllowHosts are more names the server is reached by, such as a proxy's
	// "cam.example.org", or "*" for any.
	AllowHosts []string

	// AllowOrigins are foreign pages that may use the camera: an origin
	// ("https://home.example.org:8123"), a host name alone (http or https, any
	// port), "null" for pages opened from a file or in a sandboxed frame, or
	// "*" for every page there is.
	AllowOrigins []string

	// OwnNames are the machine's own names; see OwnNames.
	OwnNames []string
}

// Check returns an error that names the first entry of AllowHosts or
// AllowOrigins that could never match, and what would be right.
func (p Policy) Check() error {
	for _, entry := range p.AllowHosts {
		if _, ok := plainHost(entry); !ok && entry != anyone {
			return fmt.Errorf("allow-host %q: want a host name like cam.example.org, without scheme and port"+
				" (international names in their xn-- form), or *", entry)
		}
	}
	for _, entry := range p.AllowOrigins {
		_, isHost := plainHost(entry)
		_, isOrigin := parseOrigin(entry)
		if !isHost && !isOrigin && entry != nobody && entry != anyone {
			return fmt.Errorf("allow-origin %q: want an origin like https://home.example.org:8123, a host name, null or *", entry)
		}
	}
	return nil
}

// AllowsHost reports whether the request's Host is a name that can only mean
// this machine, or one that is listed. Any other may be a foreign site's name
// that was pointed at this address (DNS rebinding), which turns that site's
// pages into pages of the same origin.
func (p Policy) AllowsHost(r *http.Request) bool {
	if slices.Contains(p.AllowHosts, anyone) {
		return true
	}
	host, _, ok := splitHost(r.Host)
	if !ok {
		return false
	}
	return isAddress(host) || host == "localhost" || strings.HasSuffix(host, ".local") ||
		containsHost(p.OwnNames, host) || containsHost(p.AllowHosts, host)
}

// AllowsOrigin reports whether the page that caused the request may: it comes
// from the request's own host, whatever the port, or it is listed. A request
// without Origin does not come from a foreign page's script, and passes. The
// answer means something only for a request that AllowsHost let through.
func (p Policy) AllowsOrigin(r *http.Request) bool {
	values := r.Header.Values("Origin")
	if len(values) == 0 || slices.Contains(p.AllowOrigins, anyone) {
		return true
	}
	if len(values) > 1 {
		return false
	}
	if values[0] == nobody {
		return slices.Contains(p.AllowOrigins, nobody)
	}
	from, ok := parseOrigin(values[0])
	if !ok {
		return false
	}
	to, _, ok := splitHost(r.Host)
	return ok && from.isWeb() && from.host == to || p.lists(from)
}

// lists reports whether AllowOrigins has o, whole or by its host name. "null"
// is no host name there.
func (p Policy) lists(o origin) bool {
	return slices.ContainsFunc(p.AllowOrigins, func(entry string) bool {
		if entry == nobody {
			return false
		}
		if host, ok := plainHost(entry); ok {
			return o.isWeb() && host == o.host
		}
		listed, ok := parseOrigin(entry)
		return ok && listed == o
	})
}

// containsHost reports whether one of the entries is a plain spelling of host,
// which comes from splitHost.
func containsHost(entries []string, host string) bool {
	return slices.ContainsFunc(entries, func(entry string) bool {
		name, ok := plainHost(entry)
		return ok && name == host
	})
}

// plainHost reads a configured host: a name or address, with no port. An IPv6
// address may go without brackets.
func plainHost(entry string) (string, bool) {
	if isAddress(entry) && strings.Contains(entry, ":") {
		entry = "[" + entry + "]"
	}
	host, port, ok := splitHost(entry)
	return host, ok && port == ""
}
