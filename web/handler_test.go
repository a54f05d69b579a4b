package web

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// serve answers one request with the handler for c.
func serve(t *testing.T, c Config, r *http.Request) *http.Response {
	t.Helper()
	h, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	if r.RemoteAddr == "192.0.2.1:1234" { // httptest's, which is nowhere
		r.RemoteAddr = "192.168.1.9:1234"
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result()
}

func body(t *testing.T, res *http.Response) string {
	t.Helper()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestHandlerAnswers(t *testing.T) {
	cases := []struct {
		name         string
		method, path string
		header       http.Header
		host         string
		status       int
		contentType  string
		says         string
	}{
		{name: "page", path: "/", status: 200, contentType: "text/html; charset=utf-8", says: "<title>"},
		{name: "page with query", path: "/?x=1", status: 200, contentType: "text/html; charset=utf-8"},
		{name: "module", path: "/app.js", status: 200, contentType: "text/javascript; charset=utf-8"},
		{name: "style", path: "/style.css", status: 200, contentType: "text/css; charset=utf-8"},
		{name: "icon", path: "/favicon.svg", status: 200, contentType: "image/svg+xml"},
		{name: "health", path: "/healthz", status: 200, contentType: "text/plain; charset=utf-8", says: "ok\n"},
		{name: "head", method: "HEAD", path: "/", status: 200, contentType: "text/html; charset=utf-8"},
		{name: "post to the page", method: "POST", path: "/", status: 405, says: "GET and HEAD"},
		{name: "delete of a module", method: "DELETE", path: "/app.js", status: 405},
		{name: "post to nowhere", method: "POST", path: "/nowhere", status: 405},
		{name: "method of no kind", method: "BREW", path: "/healthz", status: 405},
		{name: "nowhere", path: "/nowhere", status: 404, contentType: "text/html; charset=utf-8", says: `href="./"`},
		{name: "deep nowhere", path: "/a/b/c", status: 404, says: `href="./../../style.css"`},
		{name: "nowhere with markup", path: "/%3Cscript%3E", status: 404, says: "There is nothing here"},
		{name: "listing", path: "/page/", status: 404},
		{name: "source", path: "/doc.go", status: 404},
		{name: "foreign name", path: "/", host: "evil.example", status: 421, contentType: "text/plain; charset=utf-8", says: "--allow-host"},
		{name: "foreign name, health", path: "/healthz", host: "evil.example", status: 421},
		{name: "foreign page", path: "/healthz", header: http.Header{"Origin": {"https://evil.example"}}, status: 403, says: "--allow-origin"},
		{name: "own page", path: "/healthz", header: http.Header{"Origin": {"http://localhost:8080"}}, status: 200},
		{name: "markup in the name", path: "/", host: "<script>", status: 421, contentType: "text/plain; charset=utf-8"},
		{name: "upgrade without an endpoint", path: "/ws", header: upgradeHeader(), status: 404},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			method, host := c.method, c.host
			if method == "" {
				method = http.MethodGet
			}
			if host == "" {
				host = "localhost:1990"
			}
			r := httptest.NewRequest(method, c.path, nil)
			r.Host, r.Header = host, c.header
			if r.Header == nil {
				r.Header = http.Header{}
			}
			res := serve(t, Config{}, r)
			if res.StatusCode != c.status {
				t.Fatalf("status %d, want %d", res.StatusCode, c.status)
			}
			if got := res.Header.Get("Content-Type"); c.contentType != "" && got != c.contentType {
				t.Errorf("Content-Type %q, want %q", got, c.contentType)
			}
			if text := body(t, res); !strings.Contains(text, c.says) {
				t.Errorf("answer does not say %q:\n%s", c.says, text)
			}
			if c.status == http.StatusMethodNotAllowed && res.Header.Get("Allow") != "GET, HEAD" {
				t.Errorf("Allow: %q", res.Header.Get("Allow"))
			}
			for _, name := range []string{"Content-Security-Policy", "Referrer-Policy", "Permissions-Policy", "X-Content-Type-Options", "Cache-Control"} {
				if res.Header.Get(name) == "" {
					t.Errorf("no %s", name)
				}
			}
		})
	}
}

func upgradeHeader() http.Header {
	return http.Header{"Connection": {"keep-alive, Upgrade"}, "Upgrade": {"websocket"}}
}

func TestUpgradesReachTheEndpoint(t *testing.T) {
	const reached = http.StatusTeapot
	endpoint := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(reached) })
	cases := []struct {
		name   string
		path   string
		host   string
		change func(http.Header)
		want   int
	}{
		{"beside the page", "/ws", "", nil, reached},
		{"root, as the old page dials", "/", "", nil, reached},
		{"any path", "/some/old/path?x", "", nil, reached},
		{"a file's path", "/app.js", "", nil, reached},
		{"in another case", "/", "", func(h http.Header) { h.Set("Upgrade", "WebSocket"); h.Set("Connection", "UPGRADE") }, reached},
		{"own page on another port", "/", "", func(h http.Header) { h.Set("Origin", "http://192.168.1.5:8080") }, reached},
		{"foreign page", "/", "", func(h http.Header) { h.Set("Origin", "https://evil.example") }, http.StatusForbidden},
		{"page from a file", "/", "", func(h http.Header) { h.Set("Origin", "null") }, http.StatusForbidden},
		{"rebound name", "/", "evil.example", func(h http.Header) { h.Set("Origin", "http://evil.example") }, http.StatusMisdirectedRequest},
		{"another protocol", "/", "", func(h http.Header) { h.Set("Upgrade", "h2c") }, http.StatusOK},
		{"no Connection header", "/", "", func(h http.Header) { h.Del("Connection") }, http.StatusOK},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			r := httptest.NewRequest(http.MethodGet, c.path, nil)
			r.Host, r.Header = "192.168.1.5:1990", upgradeHeader()
			if c.host != "" {
				r.Host = c.host
			}
			if c.change != nil {
				c.change(r.Header)
			}
			if res := serve(t, Config{WebSocket: endpoint}, r); res.StatusCode != c.want {
				t.Errorf("status %d, want %d", res.StatusCode, c.want)
			}
		})
	}
}

func TestReady(t *testing.T) {
	for want, err := range map[int]error{200: nil, 503: errors.New("camera lost: unplugged")} {
		res := serve(t, Config{Ready: func(context.Context) error { return err }}, requestNear("/readyz"))
		text := body(t, res)
		if res.StatusCode != want || err != nil && text != err.Error()+"\n" || err == nil && text != "ready\n" {
			t.Errorf("%v: %s, %s", err, res.Status, text)
		}
	}
}
