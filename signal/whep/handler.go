package whep

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"time"

	"github.com/pushcam/pushcam/signal"
)

// Path is the endpoint's; its resources are below it.
const Path = "/whep"

// The types of what is sent to us.
const (
	typeSDP      = "application/sdp"
	typeFragment = "application/trickle-ice-sdpfrag"
	typeJSON     = "application/json"
)

// HandlerConfig is what a Handler can be told. States is needed.
type HandlerConfig struct {
	// States tells whether there is a camera.
	States signal.States
	// Viewers is how many viewers there are, whatever way they came. Nil means
	// that there are no viewercount events.
	Viewers func() int
	// ICEServers are told to players.
	ICEServers []ICEServer
	// Login is what the session of a request must not outlive: it ends when the
	// context does, for which it calls release when it has ended by itself. Nil
	// is for none.
	Login func(*http.Request) (login context.Context, release func())
	// Limits are for each player; nil is DefaultLimits.
	Limits *Limits
	// Log gets what failed here; nil drops it.
	Log *slog.Logger
}

// Handler is the endpoint with all its resources: Path and what is below it.
// All methods are safe from any goroutine.
type Handler struct {
	sessions Sessions
	config   HandlerConfig
	limits   Limits

	running sync.WaitGroup // attend, for each resource

	mu        sync.Mutex
	closed    bool
	resources map[string]*resource
	used      map[netip.Prefix]int // sessions of an address, those being made included
}

var _ http.Handler = (*Handler)(nil)

// NewHandler returns a Handler without resources.
func NewHandler(sessions Sessions, config HandlerConfig) *Handler {
	h := &Handler{
		sessions:  sessions,
		config:    config,
		limits:    DefaultLimits(),
		resources: map[string]*resource{},
		used:      map[netip.Prefix]int{},
	}
	if config.Limits != nil {
		h.limits = *config.Limits
	}
	if config.Login == nil {
		h.config.Login = func(*http.Request) (context.Context, func()) { return context.Background(), func() {} }
	}
	if config.Log == nil {
		h.config.Log = slog.New(slog.DiscardHandler)
	}
	return h
}

// ServeHTTP answers for Path and everything below it.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	rest := strings.Trim(strings.TrimPrefix(r.URL.Path, Path), "/")
	names := strings.Split(rest, "/")
	switch {
	case rest == "":
		w.Header().Set("Accept-Post", typeSDP)
		serve(w, r, methods{http.MethodGet: noContent, http.MethodHead: noContent, http.MethodPost: h.post})
	case len(names) == 1:
		w.Header().Set("Accept-Patch", typeFragment)
		of := func(f resourceHandler) http.HandlerFunc { return h.on(names[0], f) }
		serve(w, r, methods{
			http.MethodGet: of(exists), http.MethodHead: of(exists),
			http.MethodPatch: of(h.patch), http.MethodDelete: of(h.delete),
		})
	case len(names) == 2 && names[1] == eventsName:
		w.Header().Set("Accept-Post", typeJSON)
		serve(w, r, methods{http.MethodPost: h.on(names[0], h.postEvents)})
	case len(names) == 3 && names[1] == eventsName:
		of := func(f streamHandler) http.HandlerFunc { return h.on(names[0], onStream(names[2], f)) }
		serve(w, r, methods{http.MethodGet: of(h.stream), http.MethodDelete: of(h.deleteStream)})
	default:
		gone(w)
	}
}

// methods are what a resource can do.
type methods map[string]http.HandlerFunc

// methodOrder is theirs in Allow.
var methodOrder = [...]string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPatch, http.MethodDelete}

func (m methods) allow() string {
	var names []string
	for _, name := range methodOrder {
		if m[name] != nil {
			names = append(names, name)
		}
	}
	return strings.Join(append(names, http.MethodOptions), ", ")
}

// serve calls the method's function. What can be done is no secret, also where
// there is no resource: OPTIONS comes without any credentials (Fetch, CORS
// preflight).
func serve(w http.ResponseWriter, r *http.Request, m methods) {
	switch f := m[r.Method]; {
	case f != nil:
		f(w, r)
	case r.Method == http.MethodOptions:
		w.Header().Set("Allow", m.allow())
		w.WriteHeader(http.StatusOK)
	default:
		w.Header().Set("Allow", m.allow())
		refuse(w, http.StatusMethodNotAllowed, "%s makes no sense here", r.Method)
	}
}

// noContent is the answer of draft section 4.1 to GET and HEAD.
func noContent(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }

// on finds a resource for f.
func (h *Handler) on(id string, f resourceHandler) http.HandlerFunc {
	return func(w http.ResponseWriter, req *http.Request) {
		h.mu.Lock()
		r := h.resources[id]
		h.mu.Unlock()
		if r == nil {
			gone(w)
			return
		}
		f(w, req, r)
	}
}

// Close ends all sessions and waits for them, for Limits.Close at most. New
// ones are refused. It may be called twice.
func (h *Handler) Close() error {
	h.mu.Lock()
	h.closed = true
	for _, r := range h.resources {
		h.running.Go(func() { h.end(r) })
	}
	h.mu.Unlock()
	ended := make(chan struct{})
	go func() { // ends with the last session
		h.running.Wait()
		close(ended)
	}()
	select {
	case <-ended:
		return nil
	case <-time.After(h.limits.Close):
		return fmt.Errorf("close whep: sessions not ended within %v", h.limits.Close)
	}
}
