package web

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
)

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
