package web

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"strings"

	"github.com/pushcam/pushcam/web/api"
	"github.com/pushcam/pushcam/web/door"
	"github.com/pushcam/pushcam/web/problem"
)

// Config is what New joins. All of it is set once.
type Config struct {
	// Policy is applied to every request before anything else.
	Policy Policy

	// WebSocket serves every WebSocket upgrade request, whatever its path:
	// older viewer pages dial any. Host and Origin are already checked. nil
	// means that upgrades are treated like any other request.
	WebSocket http.Handler

	// WHEP serves /whep and everything below it, to pages of other origins
	// too if the policy allows them. Host and Origin are already checked. nil
	// means that there is no such path.
	WHEP http.Handler

	// Pictures are for /snapshot and /stream. nil means that there are no such
	// paths.
	Pictures Pictures

	// API answers what programs ask for below /api. nil means that there are no
	// such paths.
	API api.Backend

	// Ready reports why the camera cannot be used, for /readyz; nil means that
	// there is no such path.
	Ready func(context.Context) error

	// Metrics serves /metrics. nil means that there is no such path.
	Metrics http.Handler

	// Door knows who may log in. nil means nobody.
	Door *door.Door

	// Open says who may look without logging in.
	Open Opening

	// Proxies are the addresses of proxies whose word counts for who asks, and
	// whether by https.
	Proxies []netip.Prefix

	// FrameAncestors are pages, beside those of the same host, that may have
	// ours in a frame: sources of the content policy (CSP level 3, section
	// 2.3.1), like https://home.example.org.
	FrameAncestors []string
}

// New returns the handler for everything the server offers over HTTP. It is
// safe for concurrent use and owns no goroutine.
func New(c Config) (http.Handler, error) {
	whole, err := embeddedPage()
	if err != nil {
		return nil, fmt.Errorf("read page: %w", err)
	}
	g, err := newGate(c)
	if err != nil {
		return nil, err
	}
	next := serveRoutes(c.routes(whole.files, g), g)
	return guard(c.Policy, contentPolicy(whole.hashes, c.FrameAncestors), forwarded(c.Proxies, next)), nil
}

// guard lets through what the policy allows, and tells the others which flag
// would.
func guard(p Policy, content string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		limit(w, r) // those who are refused, too
		secure(w.Header(), content)
		if r.URL.Path == apiPath || strings.HasPrefix(r.URL.Path, apiPath+"/") {
			w.Header().Set("Content-Type", problem.Type) // unless all is well
		}
		switch {
		case !p.AllowsHost(r):
			refuse(w, http.StatusMisdirectedRequest, fmt.Sprintf(
				"pushcam does not answer to the name %q.\n"+
					"Open it by its IP address, or start it with --allow-host NAME to allow this one.\n", r.Host))
		case !p.AllowsOrigin(r):
			refuse(w, http.StatusForbidden, fmt.Sprintf(
				"pushcam does not show its camera to pages from %q.\n"+
					"Start it with --allow-origin ORIGIN to allow them.\n", strings.Join(r.Header.Values("Origin"), ", ")))
		default:
			next.ServeHTTP(w, r)
		}
	})
}

// upgrades sends WebSocket upgrade requests to ws and all others to next.
func upgrades(ws, next http.Handler) http.Handler {
	if ws == nil {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if hasToken(r.Header, "Connection", "upgrade") && hasToken(r.Header, "Upgrade", "websocket") {
			ws.ServeHTTP(w, r)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// hasToken reports whether a comma-separated header lists the token (RFC 9110
// section 5.6.1), in any case.
func hasToken(h http.Header, name, token string) bool {
	for _, line := range h.Values(name) {
		for item := range strings.SplitSeq(line, ",") {
			if strings.EqualFold(strings.TrimSpace(item), token) {
				return true
			}
		}
	}
	return false
}

// readOnly answers every method but GET and HEAD with 405.
func readOnly(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			refuse(w, http.StatusMethodNotAllowed, "Only GET and HEAD work here.\n")
			return
		}
		next.ServeHTTP(w, r)
	})
}

func healthy(w http.ResponseWriter, _ *http.Request) {
	plain(w, http.StatusOK, "ok\n")
}

// ready is 503, and why, unless the camera can be used.
func (c Config) ready(w http.ResponseWriter, r *http.Request) {
	if err := c.Ready(r.Context()); err != nil {
		plain(w, http.StatusServiceUnavailable, err.Error()+"\n")
		return
	}
	plain(w, http.StatusOK, "ready\n")
}

// refuse ends a request with an error, in words, or as problem details where guard
// has said so. The connection goes with it, so that a
// body nobody wants is not read to its end.
func refuse(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Connection", "close")
	if w.Header().Get("Content-Type") == problem.Type {
		problem.Write(w, problem.Details{Status: status, Detail: strings.TrimSpace(text)})
		return
	}
	plain(w, status, text)
}

func plain(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, text) // a client that has gone needs no answer
}
