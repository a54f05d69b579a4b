package web

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

// TestWHEP: /whep and what is below it passes the same rules as all else, with
// any method, and pages that the policy allows may read the answers.
func TestWHEP(t *testing.T) {
	for _, c := range []struct {
		name               string
		policy             Policy
		method, path, host string
		origin             string
		preflight          bool
		status             int
		allowed            bool
	}{
		{name: "a player", method: "POST", path: "/whep", status: 200},
		{name: "its session", method: "PATCH", path: "/whep/id/events", status: 200},
		{name: "the end of it", method: "DELETE", path: "/whep/id", status: 200},
		{name: "beside it", method: "GET", path: "/whepper", status: 404},
		{name: "own page", method: "POST", path: "/whep", origin: "http://cam.local", status: 200, allowed: true},
		{name: "another port of the host", method: "POST", path: "/whep", origin: "http://cam.local:8123", status: 200, allowed: true},
		{name: "foreign page", method: "POST", path: "/whep", origin: "https://evil.example", status: 403},
		{name: "foreign page, its session", method: "DELETE", path: "/whep/id", origin: "https://evil.example", status: 403},
		{name: "foreign page asks", method: "OPTIONS", path: "/whep", origin: "https://evil.example", preflight: true, status: 403},
		{name: "page from a file", method: "POST", path: "/whep", origin: "null", status: 403},
		{name: "configured page", policy: Policy{AllowOrigins: []string{"https://home.example"}}, method: "PATCH", path: "/whep/id", origin: "https://home.example", status: 200, allowed: true},
		{name: "configured page asks", policy: Policy{AllowOrigins: []string{"https://home.example"}}, method: "OPTIONS", path: "/whep/id", origin: "https://home.example", preflight: true, status: 200, allowed: true},
		{name: "configured file", policy: Policy{AllowOrigins: []string{"null"}}, method: "POST", path: "/whep", origin: "null", status: 200, allowed: true},
		{name: "all pages", policy: Policy{AllowOrigins: []string{"*"}}, method: "POST", path: "/whep", origin: "https://any.example", status: 200, allowed: true},
		{name: "foreign name", method: "POST", path: "/whep", host: "evil.example", status: 421},
		{name: "foreign name, session", method: "GET", path: "/whep/id", host: "evil.example", status: 421},
	} {
		t.Run(c.name, func(t *testing.T) {
			asked := false
			players := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				asked = true
				w.WriteHeader(http.StatusOK)
			})
			r := httptest.NewRequest(c.method, c.path, nil)
			r.Host = "cam.local"
			if c.host != "" {
				r.Host = c.host
			}
			if c.origin != "" {
				r.Header.Set("Origin", c.origin)
			}
			if c.preflight {
				r.Header.Set("Access-Control-Request-Method", "POST")
			}
			res := serve(t, Config{Policy: c.policy, WHEP: players}, r)
			if res.StatusCode != c.status || asked != (c.status == 200) {
				t.Errorf("%s, handler asked: %v; want %d", res.Status, asked, c.status)
			}
			want := ""
			if c.allowed {
				want = c.origin
			}
			if got := res.Header.Get("Access-Control-Allow-Origin"); got != want {
				t.Errorf("allowed %q, want %q", got, want)
			}
			if got := res.Header.Get("Access-Control-Allow-Methods") != ""; got != (c.preflight && c.allowed) {
				t.Errorf("told methods: %v", got)
			}
			// All that a player needs to read, and to send.
			want = ""
			if c.allowed {
				want = "Accept-Patch, Accept-Post, ETag, Link, Location, Retry-After"
			}
			if got := res.Header.Get("Access-Control-Expose-Headers"); got != want {
				t.Errorf("may read %q, want %q", got, want)
			}
			want = ""
			if c.preflight && c.allowed {
				want = "Authorization, Content-Type, If-Match"
			}
			if got := res.Header.Get("Access-Control-Allow-Headers"); got != want {
				t.Errorf("may send %q, want %q", got, want)
			}
			if res.Header.Get("Access-Control-Allow-Credentials") != "" {
				t.Error("a foreign page may use the visitor's cookies")
			}
			if c.status == 200 && res.Header.Get("Vary") != "Origin" {
				t.Error("a cache may give one page's answer to another")
			}
		})
	}
	res := serve(t, Config{}, httptest.NewRequest(http.MethodGet, "http://localhost/whep", nil))
	if res.StatusCode != http.StatusNotFound {
		t.Errorf("without WHEP: %s", res.Status)
	}
}

// TestPreflight: a browser's question comes without a login, what it asks about
// with one; and a page may read that it was refused.
func TestPreflight(t *testing.T) {
	passed := 0
	c := everything(t, &passed)
	c.Open, c.Policy.AllowOrigins = OpenNone, []string{"https://home.example"}
	for _, tt := range []struct {
		method, token string
		status        int
	}{
		{"OPTIONS", "", http.StatusOK},
		{"POST", "", http.StatusUnauthorized},
		{"POST", "recorder.wrong", http.StatusUnauthorized},
		{"POST", "recorder.token", http.StatusOK},
	} {
		r := httptest.NewRequest(tt.method, "http://localhost/whep", nil)
		r.RemoteAddr = faraway
		r.Header.Set("Origin", "https://home.example")
		if tt.method == "OPTIONS" {
			r.Header.Set("Access-Control-Request-Method", "POST")
			r.Header.Set("Access-Control-Request-Headers", "authorization")
		}
		if tt.token != "" {
			r.Header.Set("Authorization", "Bearer "+tt.token)
		}
		res := serve(t, c, r)
		if res.StatusCode != tt.status || res.Header.Get("Access-Control-Allow-Origin") != "https://home.example" {
			t.Errorf("%s with token %q: %s, %v", tt.method, tt.token, res.Status, res.Header)
		}
	}
}
