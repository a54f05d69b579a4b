package whep

import (
	"context"
	"crypto/rand"
	"net/http"
	"net/netip"
	"path"
	"strings"

	"golang.org/x/time/rate"

	"github.com/pushcam/pushcam/signal"
)

// post makes a session from an offer (draft section 4.2).
func (h *Handler) post(w http.ResponseWriter, r *http.Request) {
	if !isType(r, typeSDP) {
		refuse(w, http.StatusUnsupportedMediaType, "want an offer of type %s", typeSDP)
		return
	}
	offer, ok := h.read(w, r)
	if !ok {
		return
	}
	if state, _ := h.config.States.CameraState(); state.State == signal.CameraLost {
		refuseLater(w, http.StatusConflict, retryCamera, "there is no camera: %s", state.Detail)
		return
	}
	address := addressOf(r.RemoteAddr)
	if !h.admit(w, address) {
		return
	}
	made, answer, err := h.open(r, offer)
	if err != nil {
		h.leave(address)
		h.fail(w, r, err)
		return
	}
	made.address = address
	login, release := h.config.Login(r)
	if !h.enter(login, made, release) {
		release()
		h.leave(address)
		_ = made.session.Close() // the reason is another
		refuseLater(w, http.StatusServiceUnavailable, retryFull, "the server is closing")
		return
	}
	h.answer(w, r, made, answer)
}

// open makes the session.
func (h *Handler) open(r *http.Request, offer string) (*resource, string, error) {
	ctx, cancel := context.WithTimeout(r.Context(), h.limits.Answer)
	defer cancel()
	// The name is for logs, and not the resource's: who reads them may not watch.
	viewer := signal.ViewerInfo{ID: "whep-" + rand.Text()[:8], RemoteAddr: r.RemoteAddr, UserAgent: r.UserAgent()}
	session, err := h.sessions.Open(ctx, viewer)
	if err != nil {
		return nil, "", err
	}
	answer, err := session.Accept(ctx, offer)
	if err != nil {
		_ = session.Close() // the reason is err
		return nil, "", err
	}
	return &resource{
		id:       rand.Text(),
		session:  session,
		turn:     make(chan struct{}, 1),
		etag:     newETag(),
		known:    credentialsOf(offer),
		restarts: rate.NewLimiter(rate.Every(h.limits.RestartEvery), h.limits.Restarts),
		streams:  map[string]*stream{},
	}, answer, nil
}

// answer tells the player of its session.
func (h *Handler) answer(w http.ResponseWriter, r *http.Request, made *resource, answer string) {
	location := below(r, made.id)
	header := w.Header()
	header.Set("Content-Type", typeSDP)
	header.Set("Location", location)
	header.Set("ETag", made.etag)
	header.Set("Accept-Patch", typeFragment)
	for _, server := range h.config.ICEServers {
		header.Add("Link", server.link())
	}
	header.Add("Link", "<"+location+"/"+eventsName+`>; rel="`+eventsRelation+`"; events="`+strings.Join(h.events(), ",")+`"`)
	w.WriteHeader(http.StatusCreated)
	_, _ = w.Write([]byte(answer)) // a client that has gone ends by itself
}

// below is the URL of what is called name below a request's. It is relative to
// that (RFC 9110 section 10.2.2), as all our URLs: a proxy may have put us under
// a path that we do not know.
func below(r *http.Request, name string) string {
	if strings.HasSuffix(r.URL.Path, "/") {
		return name
	}
	return path.Base(r.URL.Path) + "/" + name
}

// newETag is a strong one that never was before.
func newETag() string { return `"` + rand.Text() + `"` }

// addressOf is who counts as one: an address, or for IPv6 a network of 64 bits,
// as one host has. The zero value is for who does not count.
func addressOf(remote string) netip.Prefix {
	at, err := netip.ParseAddrPort(remote)
	if err != nil || at.Addr().Unmap().IsLoopback() {
		return netip.Prefix{}
	}
	address := at.Addr().Unmap().WithZone("")
	prefix, _ := address.Prefix(min(address.BitLen(), 64)) // the bits are right
	return prefix
}

// admit reserves a session for an address, or says why not.
func (h *Handler) admit(w http.ResponseWriter, address netip.Prefix) bool {
	h.mu.Lock()
	closed, used := h.closed, h.used[address]
	many := address.IsValid() && used >= h.limits.Sessions
	if !closed && !many {
		h.used[address]++
	}
	h.mu.Unlock()
	switch {
	case closed:
		refuseLater(w, http.StatusServiceUnavailable, retryFull, "the server is closing")
	case many:
		refuseLater(w, http.StatusTooManyRequests, retryFull, "this address has %d sessions already", used)
	}
	return !closed && !many
}

// leave undoes admit.
func (h *Handler) leave(address netip.Prefix) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.used[address]--; h.used[address] == 0 {
		delete(h.used, address)
	}
}

// enter makes a resource known until its session has ended, by itself or with
// the login.
func (h *Handler) enter(login context.Context, r *resource, release func()) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return false
	}
	h.resources[r.id] = r
	h.running.Go(func() {
		defer release()
		select {
		case <-r.session.Done():
			h.forget(r)
		case <-login.Done():
			h.end(r)
		}
		h.leave(r.address)
	})
	return true
}

// forget makes a resource unknown; false when it was already.
func (h *Handler) forget(r *resource) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	known := h.resources[r.id] == r
	delete(h.resources, r.id)
	return known
}

// end ends a resource and its session.
func (h *Handler) end(r *resource) bool {
	known := h.forget(r)
	if err := r.session.Close(); err != nil {
		h.config.Log.Debug("close whep session", "err", err)
	}
	return known
}
