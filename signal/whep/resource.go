package whep

import (
	"context"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"sync"

	"golang.org/x/time/rate"
)

// resource is one player's session, as HTTP sees it.
type resource struct {
	id      string
	session Session
	address netip.Prefix
	turn    chan struct{} // held by the PATCH under way

	// Of who has the turn:
	etag       string        // of the ICE session
	known      []credentials // of the ICE session: others are a restart
	candidates int           // of the ICE session
	restarts   *rate.Limiter

	mu      sync.Mutex
	streams map[string]*stream
}

type resourceHandler func(http.ResponseWriter, *http.Request, *resource)

func exists(w http.ResponseWriter, req *http.Request, _ *resource) { noContent(w, req) }

// isOver reports whether the session has ended.
func (r *resource) isOver() bool {
	select {
	case <-r.session.Done():
		return true
	default:
		return false
	}
}

// delete ends a session (draft section 4.3), whatever If-Match says.
func (h *Handler) delete(w http.ResponseWriter, _ *http.Request, r *resource) {
	if !h.end(r) {
		gone(w)
		return
	}
	w.WriteHeader(http.StatusOK)
}

// patch takes the player's candidates, or an ICE restart (draft section 4.4).
func (h *Handler) patch(w http.ResponseWriter, req *http.Request, r *resource) {
	if !isType(req, typeFragment) {
		refuse(w, http.StatusUnsupportedMediaType, "want a fragment of type %s", typeFragment)
		return
	}
	if len(req.Header.Values("If-Match")) == 0 {
		refuse(w, http.StatusPreconditionRequired, "want If-Match with the ETag of the last answer, or *")
		return
	}
	body, ok := h.read(w, req)
	if !ok {
		return
	}
	f, err := parseFragment(body)
	if err != nil {
		refuse(w, http.StatusBadRequest, "the fragment cannot be read: %v", err)
		return
	}
	select {
	case r.turn <- struct{}{}:
		defer func() { <-r.turn }()
	case <-req.Context().Done():
		return
	}
	switch user := r.restartOf(f); {
	case !matches(req.Header.Values("If-Match"), r.etag):
		refuse(w, http.StatusPreconditionFailed, "If-Match is of another ICE session: only the ETag of the last answer counts")
	case user != nil:
		h.restart(w, req, r, f, *user)
	default:
		h.trickle(w, r, f)
	}
}

// matches is If-Match (RFC 9110 section 13.1.1). The draft's examples write the
// star in quotes.
func matches(values []string, etag string) bool {
	for item := range strings.SplitSeq(strings.Join(values, ","), ",") {
		switch strings.TrimSpace(item) {
		case "*", `"*"`, etag:
			return true
		}
	}
	return false
}

// restartOf finds the credentials that are new, nil if there are none.
func (r *resource) restartOf(f fragment) *credentials {
	for i, c := range f.credentials {
		known := slices.ContainsFunc(r.known, func(k credentials) bool {
			return k.user == c.user && (c.password == "" || c.password == k.password)
		})
		if !known {
			return &f.credentials[i]
		}
	}
	return nil
}

// trickle adds candidates. Those that are of no use here are no error: the
// player has others.
func (h *Handler) trickle(w http.ResponseWriter, r *resource, f fragment) {
	if r.isOver() {
		gone(w)
		return
	}
	if r.candidates += len(f.candidates); r.candidates > h.limits.Candidates {
		refuse(w, http.StatusBadRequest, "more than %d candidates for one session", h.limits.Candidates)
		return
	}
	h.add(r, f)
	w.WriteHeader(http.StatusNoContent)
}

func (h *Handler) add(r *resource, f fragment) {
	for _, c := range f.candidates {
		if err := r.session.AddCandidate(c); err != nil {
			h.config.Log.Debug("candidate of no use", "err", err)
		}
	}
}

// restart begins a new ICE session. When that fails, the old one goes on.
func (h *Handler) restart(w http.ResponseWriter, req *http.Request, r *resource, f fragment, user credentials) {
	switch {
	case user.password == "":
		refuse(w, http.StatusBadRequest, "a restart needs ice-ufrag and ice-pwd")
		return
	case len(f.candidates) > h.limits.Candidates:
		refuse(w, http.StatusBadRequest, "more than %d candidates for one session", h.limits.Candidates)
		return
	case r.isOver():
		gone(w)
		return
	case !r.restarts.Allow():
		refuseLater(w, http.StatusTooManyRequests, retrySoon, "too many restarts")
		return
	}
	ctx, cancel := context.WithTimeout(req.Context(), h.limits.Answer)
	defer cancel()
	answer, err := r.session.Restart(ctx, user.user, user.password)
	switch {
	case err != nil && r.isOver():
		gone(w)
		return
	case err != nil:
		h.fail(w, req, err)
		return
	}
	r.etag, r.known, r.candidates = newETag(), f.credentials, len(f.candidates)
	h.add(r, f)
	w.Header().Set("Content-Type", typeFragment)
	w.Header().Set("ETag", r.etag)
	w.WriteHeader(http.StatusOK)
	_, _ = w.Write([]byte(fragmentOf(answer))) // a client that has gone restarts again
}
