package web

import (
	"net/http"
	"time"

	"github.com/pushcam/pushcam/web/api"
	"github.com/pushcam/pushcam/web/door"
)

// route is a path and who may use it.
type route struct {
	pattern string // of http.ServeMux, or upgradeRoute
	least   door.Role
	alter   door.Role // for methods that may change something, if that is more
	// foreign: pages of other origins may use it, if the policy allows them.
	foreign bool
	// lasting: a request has no end, and its handler bounds what it waits for.
	lasting bool
	handler http.Handler
}

// leastFor is who may use the method.
func (rt route) leastFor(method string) door.Role {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodOptions:
		return rt.least
	}
	return max(rt.least, rt.alter)
}

// apiPath is where the interface for programs begins.
const apiPath = "/api"

// upgradeRoute stands for WebSocket upgrades, whatever their path.
const upgradeRoute = "websocket"

// routes is the one list of everything that the server offers. What stands not
// here cannot be reached, and what stands here is behind the gate.
func (c Config) routes(files []pageFile, g *gate) []route {
	var all []route
	add := func(pattern string, least door.Role, h http.Handler) {
		all = append(all, route{pattern: pattern, least: least, handler: readOnly(h)})
	}
	pictures := pictureHandler{c.Pictures, c.Policy}
	snapshot, stream := http.HandlerFunc(pictures.snapshot), http.HandlerFunc(pictures.stream)
	for _, f := range files {
		switch {
		case f.pattern == playerPattern:
			add(f.pattern, door.Nobody, forAnyPage(f))
		case f.pattern != rootPattern:
			add(f.pattern, door.Nobody, f) // the login page uses some, and none is a secret
		case c.Pictures != nil:
			add(f.pattern, door.Viewer, byAction(snapshot, stream, f))
		default:
			add(f.pattern, door.Viewer, f)
		}
		if f.pattern == rootPattern {
			add(embedPath, door.Viewer, f)
		}
	}
	add("/healthz", door.Nobody, http.HandlerFunc(healthy))
	if c.Ready != nil {
		add("/readyz", door.Viewer, http.HandlerFunc(c.ready))
	}
	if c.Metrics != nil {
		add("/metrics", door.Viewer, c.Metrics)
	}
	add("/", door.Nobody, http.HandlerFunc(notFound))
	if c.Pictures != nil {
		add("/snapshot", door.Viewer, snapshot)
		all = append(all, route{pattern: "/stream", least: door.Viewer, lasting: true, handler: readOnly(stream)})
	}
	if c.API != nil {
		h := api.New(c.API, g.asks)
		all = append(all,
			route{pattern: apiPath, least: door.Viewer, alter: door.Operator, handler: h},
			route{pattern: apiPath + "/", least: door.Viewer, alter: door.Operator, handler: h})
	}
	if c.WHEP != nil {
		all = append(all,
			route{pattern: "/whep", least: door.Viewer, foreign: true, lasting: true, handler: c.WHEP},
			route{pattern: "/whep/", least: door.Viewer, foreign: true, lasting: true, handler: c.WHEP})
	}
	if c.WebSocket != nil {
		all = append(all, route{pattern: upgradeRoute, least: door.Viewer, lasting: true, handler: c.WebSocket})
	}
	return append(all,
		route{pattern: "/login", least: door.Nobody, handler: http.HandlerFunc(g.login)},
		route{pattern: "/logout", least: door.Nobody, handler: http.HandlerFunc(g.logout)})
}

// serveRoutes is the one place where a handler is reached.
func serveRoutes(routes []route, g *gate) http.Handler {
	mux := http.NewServeMux()
	var ws http.Handler
	for _, rt := range routes {
		h := bounded(rt.handler)
		if rt.lasting {
			h = unbounded(rt.handler)
		}
		h = g.guard(rt, h)
		if rt.foreign {
			h = shared(h)
		}
		if rt.pattern == upgradeRoute {
			ws = h
			continue
		}
		mux.Handle(rt.pattern, h)
	}
	return upgrades(ws, mux)
}

// What a request may take that does not last. A handler's own work counts in
// answerTimeout; the longest is a snapshot's.
const (
	maxBody       = 64 << 10
	bodyTimeout   = 5 * time.Second
	answerTimeout = pictureLimit + 15*time.Second
)

// limit cuts off who sends too slowly, or does not read the answer. The server
// lifts the deadlines before the connection's next request.
func limit(w http.ResponseWriter, r *http.Request) {
	// Only a test's writer has no deadlines.
	control, now := http.NewResponseController(w), time.Now()
	_ = control.SetWriteDeadline(now.Add(answerTimeout))
	if r.ContentLength != 0 {
		_ = control.SetReadDeadline(now.Add(bodyTimeout))
	}
}

// bounded also cuts off who sends too much. Its time begins here: the gate's own
// does not count.
func bounded(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		limit(w, r)
		r.Body = http.MaxBytesReader(w, r.Body, maxBody)
		next.ServeHTTP(w, r)
	})
}

// unbounded leaves the answer's time to next. A body's is bounded until next has
// read it, or sets another: who is refused without that may not go on sending.
func unbounded(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_ = http.NewResponseController(w).SetWriteDeadline(time.Time{}) // as in limit
		next.ServeHTTP(w, r)
	})
}
