package web

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"testing"
	"testing/synctest"

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

// TestEveryRouteIsBehindTheGate walks all routes with every kind of visitor.
func TestEveryRouteIsBehindTheGate(t *testing.T) {
	passed := 0
	c := everything(t, &passed)
	for _, rt := range routesOf(t, c) {
		for _, who := range []struct {
			name, addr, user, password string
			open                       Opening
			role                       door.Role
		}{
			{name: "near", addr: nearby, role: door.Viewer},
			{name: "near, closed", addr: nearby, open: OpenNone, role: door.Nobody},
			{name: "far", addr: faraway, role: door.Nobody},
			{name: "far, open", addr: faraway, open: OpenAll, role: door.Viewer},
			{name: "viewer", addr: faraway, user: "viewer", password: "look", role: door.Viewer},
			{name: "program", addr: faraway, user: "recorder", password: "token", role: door.Viewer},
			{name: "operator", addr: faraway, user: "operator", password: "right", role: door.Operator},
		} {
			t.Run(rt.pattern+" "+who.name, func(t *testing.T) {
				c := c
				c.Open = who.open
				for _, method := range []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "BREW"} {
					r := requestFor(rt, method)
					r.RemoteAddr = who.addr
					if who.user != "" {
						r.SetBasicAuth(who.user, who.password)
					}
					passed = 0
					res := serve(t, c, r)
					refused := res.StatusCode == http.StatusUnauthorized || res.StatusCode == http.StatusForbidden
					least := rt.least
					if method != "GET" && method != "HEAD" {
						least = max(least, rt.alter)
					}
					if refused != (who.role < least) {
						t.Errorf("%s: %s, least is %v", method, res.Status, least)
					}
					if refused && passed > 0 {
						t.Errorf("%s: refused, and the handler ran", method)
					}
				}
			})
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

// requestFor matches the route's pattern.
func requestFor(rt route, method string) *http.Request {
	path := strings.TrimSuffix(rt.pattern, "{$}")
	switch rt.pattern {
	case upgradeRoute:
		path = "/ws"
	case "/":
		path = "/nowhere"
	}
	r := httptest.NewRequest(method, "http://localhost"+path, nil)
	if rt.pattern == upgradeRoute {
		maps.Copy(r.Header, upgradeHeader())
	}
	return r
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

func TestLogin(t *testing.T) {
	passed := 0
	c := everything(t, &passed)
	c.Open = OpenNone
	h := must(t, func() (http.Handler, error) { return New(c) })
	ask := func(r *http.Request, cookies ...*http.Cookie) *http.Response {
		r.RemoteAddr = faraway
		for _, cookie := range cookies {
			r.AddCookie(cookie)
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w.Result()
	}
	planted := &http.Cookie{Name: "pushcam", Value: "planted"}
	if res := ask(get("/"), planted); res.StatusCode != http.StatusUnauthorized || !strings.Contains(body(t, res), `action="./login"`) {
		t.Fatalf("a planted session: %s", res.Status)
	}
	if res := ask(post("/login", "password=wrong")); res.StatusCode != http.StatusUnauthorized || !strings.Contains(body(t, res), "not the password") {
		t.Errorf("a wrong password: %s", res.Status)
	}
	res := ask(post("/login", "password=look"), planted)
	if res.StatusCode != http.StatusSeeOther || res.Header.Get("Location") != "./" || len(res.Cookies()) != 1 {
		t.Fatalf("the right password: %s %v", res.Status, res.Header)
	}
	if res := ask(get("/embed")); !strings.Contains(body(t, res), `action="./login?embed"`) {
		t.Error("the form in a frame does not lead back there")
	}
	if to := ask(post("/login?embed", "password=look")).Header.Get("Location"); to != "./embed" {
		t.Errorf("the form in a frame leads to %q", to)
	}
	session := res.Cookies()[0]
	if !session.HttpOnly || session.SameSite != http.SameSiteStrictMode || session.Path != "" || session.Secure || session.Value == "planted" || len(session.Value) < 22 {
		t.Errorf("cookie: %v", session)
	}
	if res := ask(get("/"), session); res.StatusCode != http.StatusOK {
		t.Errorf("with the session: %s", res.Status)
	}
	if res := ask(get("/"), planted); res.StatusCode != http.StatusUnauthorized {
		t.Errorf("the planted session after the login: %s", res.Status)
	}
	again := ask(post("/login", "password=right"), session).Cookies()[0]
	if res := ask(get("/"), session); res.StatusCode != http.StatusUnauthorized || again.Value == session.Value {
		t.Errorf("the old session after a new login: %s", res.Status)
	}
	if res := ask(get("/logout"), again); res.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("a link logs out: %s", res.Status)
	}
	if res := ask(post("/logout", ""), again); res.StatusCode != http.StatusSeeOther || res.Cookies()[0].MaxAge != -1 {
		t.Errorf("logout: %s %v", res.Status, res.Cookies())
	}
	if res := ask(get("/"), again); res.StatusCode != http.StatusUnauthorized {
		t.Errorf("after logout: %s", res.Status)
	}
}

func get(path string) *http.Request {
	r := httptest.NewRequest(http.MethodGet, "http://localhost"+path, nil)
	r.Header.Set("Accept", "text/html,*/*")
	r.Header.Set("User-Agent", "Mozilla/5.0")
	return r
}

func post(path, form string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "http://localhost"+path, strings.NewReader(form))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("User-Agent", "Mozilla/5.0")
	return r
}

// TestBruteForce: after a few failures the form, and programs, are told to wait,
// the right password is not looked at, and who has a session sees the camera.
func TestBruteForce(t *testing.T) { synctest.Test(t, testBruteForce) }

func testBruteForce(t *testing.T) {
	passed := 0
	c := everything(t, &passed)
	c.Open = OpenNone
	h := must(t, func() (http.Handler, error) { return New(c) })
	ask := func(r *http.Request) *http.Response {
		r.RemoteAddr = faraway
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w.Result()
	}
	session := ask(post("/login", "password=look")).Cookies()[0]
	var last *http.Response
	for i := range 8 {
		last = ask(post("/login", url.Values{"password": {fmt.Sprint(i)}}.Encode()))
	}
	if last.StatusCode != http.StatusTooManyRequests || last.Header.Get("Retry-After") == "" || !strings.Contains(body(t, last), "Try again in") {
		t.Errorf("the form: %s %v", last.Status, last.Header)
	}
	basic := httptest.NewRequest(http.MethodGet, "http://localhost/snapshot", nil)
	basic.SetBasicAuth("viewer", "look")
	if res := ask(basic); res.StatusCode != http.StatusTooManyRequests || passed != 0 {
		t.Errorf("a program: %s", res.Status)
	}
	r := get("/snapshot")
	r.AddCookie(session)
	if res := ask(r); res.StatusCode != http.StatusOK || passed != 1 {
		t.Errorf("who has a session: %s", res.Status)
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
