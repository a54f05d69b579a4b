package web

import (
	"fmt"
	"net/http"
	"strings"
)

// contentPolicy lets the page run its own files, and the scripts in it with these
// hashes, and nothing else: no other inline script or style, no other server, no
// frame around it but its own host's and those of the listed ancestors. 'self' in
// connect-src covers ws: and wss: to the same host (CSP level 3, section 6.7.2.8).
func contentPolicy(hashes, ancestors []string) string {
	scripts := "script-src 'self'"
	for _, hash := range hashes {
		scripts += " '" + hash + "'"
	}
	return strings.Join([]string{
		"default-src 'self'",
		scripts,
		"object-src 'none'",
		"base-uri 'none'",
		"form-action 'self'",
		strings.Join(append([]string{"frame-ancestors 'self'"}, ancestors...), " "),
		"require-trusted-types-for 'script'",
	}, "; ")
}

// secure sets the headers that every answer carries.
func secure(h http.Header, contentPolicy string) {
	h.Set("Content-Security-Policy", contentPolicy)
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=(), usb=()")
	h.Set("Referrer-Policy", "same-origin") // with no-referrer, a form's Origin is null
	h.Set("X-Content-Type-Options", "nosniff")
}

// CheckFrameAncestor returns an error unless the entry can be one of Config's
// FrameAncestors: an origin, or "*" for all.
func CheckFrameAncestor(entry string) error {
	if o, ok := parseOrigin(entry); entry != anyone && !(ok && o.isWeb()) {
		return fmt.Errorf("frame-ancestor %q: want an origin like https://home.example.org:8123, or *", entry)
	}
	return nil
}
