package web

import "strings"

// origin is a web origin (RFC 6454): who a page belongs to.
type origin struct {
	scheme, host string
	port         string // never empty for http and https
}

// parseOrigin reads "scheme://host[:port]". One trailing slash is forgiven, as
// people configure it and old client libraries send it.
func parseOrigin(s string) (origin, bool) {
	scheme, authority, ok := strings.Cut(s, "://")
	if !ok || scheme == "" || strings.Trim(strings.ToLower(scheme), "abcdefghijklmnopqrstuvwxyz0123456789+.-") != "" {
		return origin{}, false
	}
	host, port, ok := splitHost(strings.TrimSuffix(authority, "/"))
	if !ok {
		return origin{}, false
	}
	o := origin{strings.ToLower(scheme), host, port}
	if o.port == "" {
		switch o.scheme {
		case "http":
			o.port = "80"
		case "https":
			o.port = "443"
		}
	}
	return o, true
}

// isWeb reports whether the page came over HTTP. Only then does its host name
// say who served it: an app's or extension's scheme can use any.
func (o origin) isWeb() bool { return o.scheme == "http" || o.scheme == "https" }
