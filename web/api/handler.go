package api

import (
	"context"
	_ "embed" // the description
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/pushcam/pushcam/web/problem"
)

// Backend is who knows the answers. Any goroutine calls it. Its errors go to the
// client as they are.
type Backend interface {
	Version() Version
	// State is without Role, Login and Session: those are of who asks.
	State() State
	Viewers() []Viewer
	Statistics() Statistics
	Controls(context.Context) ([]Control, error)
	// Adjust changes controls, and lists them as they are then. What the camera
	// did not take is a NotSetError.
	Adjust(context.Context, Change) ([]Control, error)
	// RequestKeyframes asks all encoders in use for one, and returns how many
	// there are.
	RequestKeyframes() int
}

// Visitor is who asks.
type Visitor struct {
	Role     string // viewer or operator
	Operator bool
	Login    bool // there are accounts
	Session  bool // has logged in by the form, and can log out
}

//go:embed openapi.json
var description []byte

// handler serves the API.
type handler struct {
	backend Backend
	visitor func(*http.Request) Visitor
	routes  map[string]map[string]http.HandlerFunc
}

// New returns the handler for /api and everything below it. Who may is asked
// before; visitor says who it is.
func New(b Backend, visitor func(*http.Request) Visitor) http.Handler {
	h := &handler{backend: b, visitor: visitor}
	get := func(f http.HandlerFunc) map[string]http.HandlerFunc { return map[string]http.HandlerFunc{"GET": f} }
	h.routes = map[string]map[string]http.HandlerFunc{
		"/api":               get(h.describe),
		"/api/v1/version":    get(h.version),
		"/api/v1/state":      get(h.state),
		"/api/v1/viewers":    get(h.viewers),
		"/api/v1/statistics": get(h.statistics),
		"/api/v1/controls":   {"GET": h.controls, "PATCH": h.adjust},
		"/api/v1/keyframe":   {"POST": h.keyframe},
	}
	return h
}

// ServeHTTP implements http.Handler.
func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	methods, ok := h.routes[strings.TrimSuffix(r.URL.Path, "/")]
	if !ok {
		fail(w, http.StatusNotFound, "there is nothing here: GET /api says what there is")
		return
	}
	method := r.Method
	if method == http.MethodHead {
		method = http.MethodGet // net/http leaves the body out
	}
	f, ok := methods[method]
	if !ok {
		allowed := slices.Sorted(maps.Keys(methods))
		if methods["GET"] != nil {
			allowed = append(allowed, "HEAD")
		}
		w.Header().Set("Allow", strings.Join(allowed, ", "))
		fail(w, http.StatusMethodNotAllowed, "here "+strings.Join(allowed, " and ")+" work")
		return
	}
	f(w, r)
}

func (h *handler) describe(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/vnd.oai.openapi+json;version=3.1")
	w.Header().Set("Cache-Control", "no-cache")
	_, _ = w.Write(description) // a client that has gone needs no answer
}

func (h *handler) version(w http.ResponseWriter, _ *http.Request) {
	answer(w, http.StatusOK, h.backend.Version())
}

func (h *handler) state(w http.ResponseWriter, r *http.Request) {
	s, v := h.backend.State(), h.visitor(r)
	s.Role, s.Login, s.Session = v.Role, v.Login, v.Session
	if s.Renditions == nil {
		s.Renditions = []Rendition{}
	}
	answer(w, http.StatusOK, s)
}

func (h *handler) viewers(w http.ResponseWriter, r *http.Request) {
	viewers := h.backend.Viewers()
	if viewers == nil {
		viewers = []Viewer{}
	}
	if !h.visitor(r).Operator {
		for i := range viewers {
			viewers[i].Address = ""
		}
	}
	answer(w, http.StatusOK, map[string][]Viewer{"viewers": viewers})
}

func (h *handler) statistics(w http.ResponseWriter, _ *http.Request) {
	answer(w, http.StatusOK, h.backend.Statistics())
}

func (h *handler) controls(w http.ResponseWriter, r *http.Request) {
	controls, err := h.backend.Controls(r.Context())
	if err != nil {
		failLater(w, err)
		return
	}
	answerControls(w, controls)
}

func (h *handler) adjust(w http.ResponseWriter, r *http.Request) {
	var body changeBody
	if !read(w, r, &body) {
		return
	}
	change, err := body.change()
	if err != nil {
		fail(w, http.StatusBadRequest, err.Error())
		return
	}
	controls, err := h.backend.Adjust(r.Context(), change)
	var refused *NotSetError
	switch {
	case errors.As(err, &refused):
		problem.Write(w, problem.Details{Status: http.StatusUnprocessableEntity, Detail: refused.Error(), Errors: refused.Failed})
	case err != nil:
		failLater(w, err)
	default:
		answerControls(w, controls)
	}
}

func answerControls(w http.ResponseWriter, controls []Control) {
	if controls == nil {
		controls = []Control{}
	}
	for i := range controls {
		if controls[i].Menu == nil {
			controls[i].Menu = []MenuItem{}
		}
	}
	answer(w, http.StatusOK, Controls{controls})
}

func (h *handler) keyframe(w http.ResponseWriter, r *http.Request) {
	var nothing struct{}
	if r.ContentLength != 0 && !read(w, r, &nothing) {
		return
	}
	answer(w, http.StatusAccepted, map[string]int{"renditions": h.backend.RequestKeyframes()})
}

func answer(w http.ResponseWriter, status int, body any) {
	text, err := json.Marshal(body)
	if err != nil {
		fail(w, http.StatusInternalServerError, fmt.Sprintf("write the answer: %v", err))
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write(append(text, '\n')) // a client that has gone needs no answer
}

func fail(w http.ResponseWriter, status int, detail string) {
	problem.Write(w, problem.Details{Status: status, Detail: detail})
}

// failLater is for a camera that cannot be asked now.
func failLater(w http.ResponseWriter, err error) {
	w.Header().Set("Retry-After", "5")
	fail(w, http.StatusServiceUnavailable, err.Error())
}
