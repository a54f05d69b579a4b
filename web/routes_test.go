package web

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"golang.org/x/crypto/bcrypt"

	"github.com/pushcam/pushcam/web/door"
)

// Addresses of the tests.
const (
	nearby  = "192.168.1.9:1234"
	faraway = "203.0.113.9:1234"
)

// newDoor has an operator (password "right"), a viewer ("look") and a program
// ("recorder", "token").
func newDoor(t testing.TB) *door.Door {
	t.Helper()
	hash := func(secret string) door.Hash {
		text, err := bcrypt.GenerateFromPassword([]byte(secret), bcrypt.MinCost)
		if err != nil {
			t.Fatal(err)
		}
		return door.Hash(text)
	}
	d, err := door.New(door.Config{Accounts: []door.Account{
		{Name: "operator", Role: door.Operator, Hash: hash("right"), Person: true},
		{Name: "viewer", Role: door.Viewer, Hash: hash("look"), Person: true},
		{Name: "recorder", Role: door.Viewer, Hash: hash("token")},
	}})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// everything has all that can be configured, and counts what passes the gate.
func everything(t testing.TB, passed *int) Config {
	t.Helper()
	h := http.HandlerFunc(func(http.ResponseWriter, *http.Request) { *passed++ })
	return Config{
		WebSocket: h, WHEP: h, Door: newDoor(t), API: asked{passed}, Metrics: h,
		Ready: func(context.Context) error { *passed++; return nil },
		Pictures: album{
			snapshot: func(context.Context, PictureRequest) (*Picture, error) {
				*passed++
				return &Picture{JPEG: []byte("jpeg")}, nil
			},
			stream: func(PictureRequest) (PictureStream, error) { *passed++; return nil, errors.New("no jpeg") },
		},
	}
}

// leastRoles is who may use what, said a second time: a change has to be meant.
// The page's files, which are no secret, are left out.
var leastRoles = map[string]door.Role{
	"/embed":     door.Viewer,
	"/{$}":       door.Viewer,
	"/":          door.Nobody, // says only that there is nothing
	"/api":       door.Viewer,
	"/api/":      door.Viewer,
	"/healthz":   door.Nobody, // says only that the process serves
	"/readyz":    door.Viewer, // names the camera
	"/metrics":   door.Viewer,
	"/login":     door.Nobody,
	"/logout":    door.Nobody,
	"/snapshot":  door.Viewer,
	"/stream":    door.Viewer,
	"/whep":      door.Viewer,
	"/whep/":     door.Viewer,
	upgradeRoute: door.Viewer,

	"change /api":  door.Operator,
	"change /api/": door.Operator,
}

// urls are those of routes that have more than one, or another than their
// pattern.
var urls = map[string][]string{
	"/{$}":       {"/", "/?action=snapshot", "/?action=stream", "/?action=none"},
	"/":          {"/nowhere", "/api2", "/wheps/x"},
	"/api/":      {"/api/v1/state", "/api/v1/viewers", "/api/v1/statistics", "/api/v1/controls", "/api/v1/keyframe", "/api/v1/version", "/api/v2"},
	"/whep/":     {"/whep/", "/whep/ID", "/whep/ID/events", "/whep/ID/events/ID"},
	upgradeRoute: {"/", "/ws", "/any/path?pull=me", "/healthz", "/login", "/snapshot", "/whep/ID", "/api/v1/state", playerPattern},
}

// urlsOf fails for a pattern that stands for more than itself.
func urlsOf(t testing.TB, rt route) []string {
	t.Helper()
	if all := urls[rt.pattern]; all != nil {
		return all
	}
	if strings.HasSuffix(rt.pattern, "/") || strings.ContainsAny(rt.pattern, "{ ") {
		t.Fatalf("%s: want its URLs in urls", rt.pattern)
	}
	return []string{rt.pattern}
}

// requestFor is one to the route.
func requestFor(rt route, method, url string) *http.Request {
	r := httptest.NewRequest(method, "http://localhost"+url, nil)
	if rt.pattern == upgradeRoute {
		maps.Copy(r.Header, upgradeHeader())
	}
	return r
}

// visitors are of every kind.
var visitors = []struct {
	name, addr    string
	authorization string
	open          Opening
	role          door.Role
}{
	{name: "near", addr: nearby, role: door.Viewer},
	{name: "near, closed", addr: nearby, open: OpenNone, role: door.Nobody},
	{name: "near, wrong token", addr: "192.168.1.10:1", authorization: "Bearer recorder.wrong", role: door.Viewer},
	{name: "far", addr: faraway, role: door.Nobody},
	{name: "far, open", addr: faraway, open: OpenAll, role: door.Viewer},
	{name: "far, wrong token", addr: "203.0.113.10:1", authorization: "Bearer recorder.wrong", role: door.Nobody},
	{name: "far, token without a name", addr: "203.0.113.11:1", authorization: "Bearer token", role: door.Nobody},
	{name: "far, another's token", addr: "203.0.113.12:1", authorization: "Bearer operator.token", role: door.Nobody},
	{name: "viewer", addr: faraway, authorization: "Basic dmlld2VyOmxvb2s=", role: door.Viewer},
	{name: "program", addr: faraway, authorization: "Bearer recorder.token", role: door.Viewer},
	{name: "operator", addr: faraway, authorization: "Bearer operator.right", role: door.Operator},
	{name: "operator, closed", addr: faraway, authorization: "Basic b3BlcmF0b3I6cmlnaHQ=", open: OpenNone, role: door.Operator},
}

// TestEveryRouteIsBehindTheGate walks all routes, by all of their URLs, with
// every kind of visitor.
func TestEveryRouteIsBehindTheGate(t *testing.T) {
	passed := 0
	c := everything(t, &passed)
	sites := map[Opening]http.Handler{}
	for _, c.Open = range []Opening{OpenLAN, OpenAll, OpenNone} {
		sites[c.Open] = must(t, func() (http.Handler, error) { return New(c) })
	}
	for _, rt := range routesOf(t, c) {
		for _, who := range visitors {
			for _, url := range urlsOf(t, rt) {
				for _, method := range []string{"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE", "BREW"} {
					r := requestFor(rt, method, url)
					r.RemoteAddr = who.addr
					if who.authorization != "" {
						r.Header.Set("Authorization", who.authorization)
					}
					passed = 0
					w := httptest.NewRecorder()
					sites[who.open].ServeHTTP(w, r)
					refused := w.Code == http.StatusUnauthorized || w.Code == http.StatusForbidden || w.Code == http.StatusTooManyRequests
					least := leastRoles[rt.pattern]
					switch method {
					case "POST", "PUT", "PATCH", "DELETE", "BREW":
						least = max(least, leastRoles["change "+rt.pattern])
					case "OPTIONS":
						if rt.foreign {
							least = door.Nobody // what can be asked for is no secret
						}
					}
					if refused != (who.role < least) {
						t.Errorf("%s %s, %s: %d, least is %v", method, url, who.name, w.Code, least)
					}
					if refused && passed > 0 {
						t.Errorf("%s %s, %s: refused, and the handler ran", method, url, who.name)
					}
				}
			}
		}
	}
}

func routesOf(t testing.TB, c Config) []route {
	t.Helper()
	g, err := newGate(c)
	if err != nil {
		t.Fatal(err)
	}
	return c.routes(must(t, embeddedPage).files, g)
}

// TestLeastRoles: a new route has to be thought of here too.
func TestLeastRoles(t *testing.T) {
	passed := 0
	pageOnly := map[string]bool{}
	for _, f := range must(t, embeddedPage).files {
		pageOnly[f.pattern] = f.pattern != rootPattern
	}
	got := map[string]door.Role{}
	for _, rt := range routesOf(t, everything(t, &passed)) {
		if !pageOnly[rt.pattern] {
			got[rt.pattern] = rt.least
			if rt.alter > rt.least {
				got["change "+rt.pattern] = rt.alter
			}
		} else if rt.least != door.Nobody {
			t.Errorf("%s needs a %v: the login page could not be styled", rt.pattern, rt.least)
		}
	}
	if !maps.Equal(got, leastRoles) {
		t.Errorf("routes: %v\nwant    %v", got, leastRoles)
	}
}

func must[T any](t testing.TB, f func() (T, error)) T {
	t.Helper()
	v, err := f()
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// TestOneMux: handlers are reached by the list of routes, and by nothing else.
func TestOneMux(t *testing.T) {
	found := 0
	for _, entry := range must(t, func() ([]os.DirEntry, error) { return os.ReadDir(".") }) {
		if entry.IsDir() || !strings.HasSuffix(entry.Name(), ".go") || strings.HasSuffix(entry.Name(), "_test.go") {
			continue
		}
		text := string(must(t, func() ([]byte, error) { return os.ReadFile(entry.Name()) }))
		for _, way := range []string{".Handle(", ".HandleFunc(", "NewServeMux("} {
			n := strings.Count(text, way)
			if found += n; n > 0 && entry.Name() != "routes.go" {
				t.Errorf("%s has %s: want a line in routes.go", entry.Name(), way)
			}
		}
	}
	if found != 2 { // the mux, and its one Handle
		t.Errorf("handlers are registered in %d places, want one mux and one loop", found)
	}
}

func TestAuthorization(t *testing.T) {
	for _, c := range []struct {
		header string
		status int
	}{
		{"Bearer recorder.token", 200},
		{"bearer recorder.token", 200},
		{"Bearer operator.right", 200},
		{"Bearer recorder.look", 401},
		{"Bearer token", 401},
		{"Bearer .look", 401}, // a program says who it is
		{"Bearer", 401},
		{"Basic !!!", 401},
		{"Digest recorder.token", 401},
		{"", 401},
	} {
		t.Run(c.header, func(t *testing.T) {
			passed := 0
			r := httptest.NewRequest(http.MethodPost, "http://localhost/whep", nil)
			r.RemoteAddr = faraway
			r.Header.Set("Authorization", c.header)
			res := serve(t, everything(t, &passed), r)
			if res.StatusCode != c.status || (passed == 1) != (c.status == 200) {
				t.Errorf("%s", res.Status)
			}
			challenges := strings.Join(res.Header.Values("WWW-Authenticate"), ", ")
			if want := `Bearer realm="pushcam", Basic realm="pushcam", charset="UTF-8"`; c.status == 401 && challenges != want {
				t.Errorf("WWW-Authenticate: %s", challenges)
			}
		})
	}
	if res := serve(t, Config{Open: OpenNone}, get("/snapshot")); strings.Contains(strings.Join(res.Header.Values("WWW-Authenticate"), ""), "Basic") {
		t.Error("browsers ask in a window of their own")
	}
}

// TestOperators: who is known is told that it is not enough, and who is not
// known is asked.
func TestOperators(t *testing.T) {
	passed := 0
	c := everything(t, &passed)
	g := must(t, func() (*gate, error) { return newGate(c) })
	h := forwarded(nil, serveRoutes([]route{{pattern: "/change", least: door.Operator, handler: c.WHEP}}, g))
	for _, who := range []struct {
		user, password string
		status         int
	}{
		{"", "", http.StatusUnauthorized},
		{"viewer", "look", http.StatusForbidden},
		{"recorder", "token", http.StatusForbidden},
		{"operator", "right", http.StatusOK},
	} {
		r := httptest.NewRequest(http.MethodPut, "http://localhost/change", nil)
		r.RemoteAddr = nearby
		if who.user != "" {
			r.SetBasicAuth(who.user, who.password)
		}
		w := httptest.NewRecorder()
		if h.ServeHTTP(w, r); w.Code != who.status {
			t.Errorf("%q: %d, want %d", who.user, w.Code, who.status)
		}
	}
	if passed != 1 {
		t.Errorf("%d passed, want the operator", passed)
	}
}
