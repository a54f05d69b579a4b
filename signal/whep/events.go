package whep

import (
	"crypto/rand"
	"encoding/json"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/pushcam/pushcam/signal"
)

// eventsName is the last part of the URL at which event streams are asked for,
// and eventsRelation what they are called (draft section 4.9.1).
const (
	eventsName     = "events"
	eventsRelation = "urn:ietf:params:whep:ext:core:server-sent-events"
)

// The events that there are.
const (
	eventActive   = "active"      // there is a camera
	eventInactive = "inactive"    // there is none any more
	eventViewers  = "viewercount" // how many watch
)

// How often the viewers are counted, and how often a player that hears nothing
// else hears that we are there.
const (
	countInterval = 2 * time.Second
	beatInterval  = 15 * time.Second
)

// events are those on offer.
func (h *Handler) events() []string {
	names := []string{eventActive, eventInactive}
	if h.config.Viewers != nil {
		names = append(names, eventViewers)
	}
	return names
}

// stream is one event stream of a player. It tells what is, not what was: so
// nothing queues for a player that is slow or away, and who comes back hears
// what it has missed.
type stream struct {
	wanted []string

	mu      sync.Mutex
	reading chan struct{} // closed when another request takes over; nil without one
	begun   bool          // the player was told of a camera once
}

type streamHandler func(http.ResponseWriter, *http.Request, *resource, string, *stream)

// onStream finds a stream of a resource for f.
func onStream(id string, f streamHandler) resourceHandler {
	return func(w http.ResponseWriter, req *http.Request, r *resource) {
		r.mu.Lock()
		s := r.streams[id]
		r.mu.Unlock()
		if s == nil {
			gone(w)
			return
		}
		f(w, req, r, id, s)
	}
}

// postEvents makes an event stream. A body lists the events that it shall have;
// those that there are not are left out.
func (h *Handler) postEvents(w http.ResponseWriter, req *http.Request, r *resource) {
	body, ok := h.read(w, req)
	if !ok {
		return
	}
	s := &stream{wanted: h.events()}
	if body != "" {
		var wanted []string
		switch {
		case !isType(req, typeJSON):
			refuse(w, http.StatusUnsupportedMediaType, "want a list of events of type %s", typeJSON)
			return
		case json.Unmarshal([]byte(body), &wanted) != nil:
			refuse(w, http.StatusBadRequest, `want a list of events like ["active","inactive"]`)
			return
		}
		s.wanted = slices.DeleteFunc(s.wanted, func(name string) bool { return !slices.Contains(wanted, name) })
	}
	id := rand.Text()
	r.mu.Lock()
	full := len(r.streams) >= h.limits.Streams
	if !full {
		r.streams[id] = s
	}
	r.mu.Unlock()
	if full {
		refuseLater(w, http.StatusTooManyRequests, retrySoon, "this session has %d event streams already", h.limits.Streams)
		return
	}
	w.Header().Set("Location", below(req, id))
	w.WriteHeader(http.StatusCreated)
}

// deleteStream ends an event stream.
func (h *Handler) deleteStream(w http.ResponseWriter, _ *http.Request, r *resource, id string, s *stream) {
	r.mu.Lock()
	delete(r.streams, id)
	r.mu.Unlock()
	s.take()
	w.WriteHeader(http.StatusNoContent)
}

// take makes the caller the one who reads, and ends who did until now.
func (s *stream) take() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.reading != nil {
		close(s.reading)
	}
	s.reading = make(chan struct{})
	return s.reading
}

// stream sends the events until the player goes, the session ends or the player
// asks again: its last request may hang on a network that is no more.
func (h *Handler) stream(w http.ResponseWriter, req *http.Request, r *resource, _ string, s *stream) {
	taken := s.take()
	t := newTeller(w, h.limits.Write, s.wanted)
	t.begin()
	count, beat := time.NewTicker(countInterval), time.NewTicker(beatInterval)
	defer count.Stop()
	defer beat.Stop()
	for {
		state, changed := h.config.States.CameraState()
		s.tell(t, state)
		if h.config.Viewers != nil {
			t.viewers(h.config.Viewers())
		}
		if t.failed != nil {
			return
		}
		select {
		case <-req.Context().Done():
			return
		case <-r.session.Done():
			return
		case <-taken:
			return
		case <-changed:
		case <-count.C:
		case <-beat.C:
			t.write(":\n\n")
		}
	}
}

// teller writes the events of one request (HTML, section 9.2).
type teller struct {
	w      http.ResponseWriter
	c      *http.ResponseController
	limit  time.Duration
	wanted []string

	camera string // the event that was told last
	count  int    // viewers, as told last
	failed error
}

func newTeller(w http.ResponseWriter, limit time.Duration, wanted []string) *teller {
	return &teller{w: w, c: http.NewResponseController(w), limit: limit, wanted: wanted, count: -1}
}

// begin sends the header.
func (t *teller) begin() {
	h := t.w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("X-Accel-Buffering", "no") // for nginx
	t.w.WriteHeader(http.StatusOK)
	t.failed = t.c.Flush()
}

// tell tells of the camera, if that is new. One that is being opened is as it
// was, and none at the beginning is not told of (draft section 4.9.1.2).
func (s *stream) tell(t *teller, state signal.CameraState) {
	s.mu.Lock()
	now := t.camera
	switch {
	case state.State == signal.CameraLive:
		now, s.begun = eventActive, true
	case state.State == signal.CameraLost && s.begun:
		now = eventInactive
	}
	s.mu.Unlock()
	if now != t.camera {
		t.camera = now
		t.event(now, "{}")
	}
}

// viewers tells how many there are.
func (t *teller) viewers(n int) {
	if n == t.count {
		return
	}
	t.count = n
	data, err := json.Marshal(map[string]int{eventViewers: n})
	if err != nil {
		t.failed = err
		return
	}
	t.event(eventViewers, string(data))
}

func (t *teller) event(name, data string) {
	if slices.Contains(t.wanted, name) {
		t.write("event: " + name + "\ndata: " + data + "\n\n")
	}
}

// write sends text, and fails when it is not taken in time.
func (t *teller) write(text string) {
	if t.failed != nil {
		return
	}
	_ = t.c.SetWriteDeadline(time.Now().Add(t.limit)) // see Handler.read
	if _, t.failed = t.w.Write([]byte(text)); t.failed == nil {
		t.failed = t.c.Flush()
	}
	_ = t.c.SetWriteDeadline(time.Time{})
}
