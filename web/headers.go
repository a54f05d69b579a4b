package web

import (
	"net/http"
	"strings"
)

// contentPolicy lets the page run its own files and nothing else: no inline
// script or style, no other server, no frame around it but its own host's.
// 'self' in connect-src covers ws: and wss: to the same host (CSP level 3,
// section 6.7.2.8).
var contentPolicy = strings.Join([]string{
	"default-src 'self'",
	"object-src 'none'",
	"base-uri 'none'",
	"form-action 'none'",
	"frame-ancestors 'self'",
	"require-trusted-types-for 'script'",
}, "; ")

// secure sets the headers that every answer carries.
func secure(h http.Header) {
	h.Set("Content-Security-Policy", contentPolicy)
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=(), usb=()")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Content-Type-Options", "nosniff")
}
