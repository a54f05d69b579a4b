package web

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pushcam/pushcam/web/door"
)

// gated is a site of these routes and nothing else.
func gated(t testing.TB, c Config, routes ...route) http.Handler {
	t.Helper()
	g := must(t, func() (*gate, error) { return newGate(c) })
	return forwarded(nil, serveRoutes(append(routes,
		route{pattern: "/login", handler: http.HandlerFunc(g.login)},
		route{pattern: "/logout", handler: http.HandlerFunc(g.logout)}), g))
}

// TestOtherPort: what runs on another port of this host gets the browser to send
// the cookie, and can look. It can change nothing.
func TestOtherPort(t *testing.T) {
	passed := 0
	count := http.HandlerFunc(func(http.ResponseWriter, *http.Request) { passed++ })
	c := Config{Door: newDoor(t), Open: OpenNone}
	h := gated(t, c,
		route{pattern: "/look", least: door.Viewer, foreign: true, handler: count},
		route{pattern: "/change", least: door.Operator, handler: count},
		route{pattern: "/shared", least: door.Operator, foreign: true, handler: count})
	cookie := &http.Cookie{Name: "pushcam", Value: c.Door.Enter(door.Visitor{Name: "operator", Role: door.Operator}, "")}
	const origin, host = "http://pi.local:1990", "pi.local:1990"
	for _, row := range []struct {
		name, method, path, origin, site string
		bearer                           string // instead of the cookie
		status                           int
	}{
		{name: "the page itself", method: "PATCH", path: "/change", origin: origin, status: 200},
		{name: "the page itself, by https", method: "PATCH", path: "/change", origin: "https://" + host, site: "same-origin", status: 200},
		{name: "curl", method: "PATCH", path: "/change", status: 200},
		{name: "another port", method: "PATCH", path: "/change", origin: "http://pi.local:8080", status: 403},
		{name: "the usual port", method: "PATCH", path: "/change", origin: "http://pi.local", status: 403},
		{name: "another port, by https", method: "PATCH", path: "/change", origin: "https://pi.local:8080", site: "same-site", status: 403},
		{name: "another site", method: "PATCH", path: "/change", origin: "https://evil.example", site: "cross-site", status: 403},
		{name: "a form of another port", method: "POST", path: "/change", origin: "http://pi.local:8080", status: 403},
		{name: "a sandboxed frame", method: "POST", path: "/change", origin: "null", status: 403},
		{name: "shared with foreign pages, by the cookie", method: "POST", path: "/shared", origin: "http://pi.local:8080", status: 403},
		{name: "shared with foreign pages, by a token", method: "POST", path: "/shared", origin: "http://pi.local:8080", bearer: "operator.right", status: 200},
		{name: "by a wrong token", method: "POST", path: "/shared", origin: "http://pi.local:8080", bearer: "operator.look", status: 401},
		{name: "logout from another port", method: "POST", path: "/logout", origin: "http://pi.local:8080", status: 403},
		{name: "login from another port", method: "POST", path: "/login", origin: "http://pi.local:8080", status: 403},
		{name: "looking from another port", method: "POST", path: "/look", origin: "http://pi.local:8080", status: 200},
		{name: "looking from another port, by https", method: "POST", path: "/look", origin: "https://pi.local:8080", site: "same-site", status: 200},
	} {
		t.Run(row.name, func(t *testing.T) {
			passed = 0
			r := httptest.NewRequest(row.method, "http://"+host+row.path, nil)
			r.RemoteAddr = nearby
			for name, value := range map[string]string{"Origin": row.origin, "Sec-Fetch-Site": row.site} {
				if value != "" {
					r.Header.Set(name, value)
				}
			}
			if row.bearer != "" {
				r.Header.Set("Authorization", "Bearer "+row.bearer)
			} else {
				r.AddCookie(cookie)
			}
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			if w.Code != row.status || (passed == 1) != (row.status == 200) {
				t.Errorf("%d, want %d: %s", w.Code, row.status, w.Body)
			}
		})
	}
	if _, ok := c.Door.Session(cookie.Value); !ok {
		t.Error("somebody has logged out")
	}
}

// TestLogoutEndsWhatRuns: not what others do, nor what takes no login.
func TestLogoutEndsWhatRuns(t *testing.T) { synctest.Test(t, testLogoutEndsWhatRuns) }

func testLogoutEndsWhatRuns(t *testing.T) {
	var mu sync.Mutex
	ended := map[string]error{}
	look := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		<-r.Context().Done()
		mu.Lock()
		defer mu.Unlock()
		ended[r.Header.Get("Name")] = context.Cause(r.Context())
	})
	c := Config{Door: newDoor(t)}
	h := gated(t, c, route{pattern: "/look", least: door.Viewer, handler: look})
	enter := func() *http.Cookie {
		return &http.Cookie{Name: "pushcam", Value: c.Door.Enter(door.Visitor{Name: "viewer", Role: door.Viewer}, "")}
	}
	all, stop := context.WithCancel(t.Context())
	ask := func(r *http.Request, from string, cookie *http.Cookie) int {
		r.RemoteAddr = from
		r.AddCookie(cookie)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r.WithContext(all))
		return w.Code
	}
	mine, others := enter(), enter()
	for name, who := range map[string]struct {
		from   string
		cookie *http.Cookie
	}{"mine": {faraway, mine}, "mine too": {faraway, mine}, "other's": {faraway, others}, "open": {nearby, mine}} {
		r := httptest.NewRequest(http.MethodGet, "http://localhost/look", nil)
		r.Header.Set("Name", name)
		go ask(r, who.from, who.cookie)
	}
	synctest.Wait()
	if status := ask(post("/logout", ""), faraway, mine); status != http.StatusSeeOther {
		t.Errorf("logout: %d", status)
	}
	synctest.Wait()
	if len(ended) != 2 || !errors.Is(ended["mine"], door.ErrOver) || !errors.Is(ended["mine too"], door.ErrOver) {
		t.Errorf("ended with the login: %v", ended)
	}
	stop()
	synctest.Wait()
	if len(ended) != 4 || errors.Is(ended["other's"], door.ErrOver) {
		t.Errorf("ended: %v", ended)
	}
}

// TestLoginOf: what a request has left behind ends with its login.
func TestLoginOf(t *testing.T) { synctest.Test(t, testLoginOf) }

func testLoginOf(t *testing.T) {
	c := Config{Door: newDoor(t)}
	for name, row := range map[string]struct {
		from string
		end  func(id string)
		over bool
	}{
		"logout":              {from: faraway, end: c.Door.Leave, over: true},
		"expiry":              {from: faraway, end: func(string) { time.Sleep(door.SessionLife) }, over: true}, //nolint:forbidigo // the bubble's time
		"nothing":             {from: faraway, end: func(string) {}},
		"logout, none needed": {from: nearby, end: c.Door.Leave},
	} {
		id := c.Door.Enter(door.Visitor{Name: "viewer", Role: door.Viewer}, "")
		var logins []context.Context
		var releases []func()
		h := gated(t, c, route{pattern: "/begin", least: door.Viewer, handler: http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			for range 2 { // before the end and after it
				login, release := LoginOf(r)
				logins, releases = append(logins, login), append(releases, release)
				row.end(id)
			}
		})})
		r := httptest.NewRequest(http.MethodPost, "http://localhost/begin", nil)
		r.RemoteAddr = row.from
		r.AddCookie(&http.Cookie{Name: "pushcam", Value: id})
		ctx, answered := context.WithCancel(t.Context())
		h.ServeHTTP(httptest.NewRecorder(), r.WithContext(ctx))
		answered()
		synctest.Wait()
		for i, ctx := range logins {
			if errors.Is(context.Cause(ctx), door.ErrOver) != row.over || (ctx.Err() != nil) != row.over {
				t.Errorf("%s: %v", name, context.Cause(ctx))
			}
			releases[i]()
		}
	}
}

// TestLoggedIn: who has logged in is shown the way out.
func TestLoggedIn(t *testing.T) {
	c := Config{Door: newDoor(t), Open: OpenNone}
	r := get("/login")
	// Pages of other ports may have set a cookie of this name, too.
	r.AddCookie(&http.Cookie{Name: "pushcam", Value: "planted"})
	r.AddCookie(&http.Cookie{Name: "pushcam", Value: c.Door.Enter(door.Visitor{Name: "operator", Role: door.Operator}, "")})
	if text := body(t, serve(t, c, r)); !strings.Contains(text, `action="./logout"`) || !strings.Contains(text, "operator") {
		t.Errorf("got:\n%s", text)
	}
	if text := body(t, serve(t, c, get("/login"))); strings.Contains(text, "logout") || !strings.Contains(text, `action="./login"`) {
		t.Errorf("a stranger gets:\n%s", text)
	}
}

// TestNothingIsSharedWithoutLogin: what a stranger is told is the same for
// resources that are there and those that are not.
func TestNothingIsSharedWithoutLogin(t *testing.T) {
	passed := 0
	c := everything(t, &passed)
	c.Open = OpenNone
	var answers []string
	for _, path := range []string{"/whep", "/whep/real", "/whep/forged/events/x"} {
		res := serve(t, c, httptest.NewRequest(http.MethodGet, "http://localhost"+path, nil))
		answers = append(answers, res.Status+body(t, res))
	}
	if answers[0] != answers[1] || answers[1] != answers[2] || passed > 0 {
		t.Errorf("answers differ: %q", answers)
	}
}
