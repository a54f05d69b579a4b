package web

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/pushcam/pushcam/web/door"
)

// TestSecurity: each row is an attack on a camera that takes a password, sent
// as it stands. None reaches a handler that has to do with the picture, and
// none is answered as its sender hoped. {session} is a viewer's cookie.
func TestSecurity(t *testing.T) {
	for _, c := range []struct {
		name, request string
		status        int
		not           string // must not be in the answer
	}{
		{name: "cross-origin WebSocket, with the visitor's cookie", status: 403,
			request: "GET /ws HTTP/1.1|Host: 127.0.0.1|Connection: Upgrade|Upgrade: websocket|Origin: https://evil.example|{session}"},
		{name: "cross-origin WebSocket from a sandboxed frame", status: 403,
			request: "GET /ws HTTP/1.1|Host: 127.0.0.1|Connection: Upgrade|Upgrade: websocket|Origin: null|{session}"},
		{name: "WebSocket without a login", status: 401,
			request: "GET /ws HTTP/1.1|Host: 127.0.0.1|Connection: Upgrade|Upgrade: websocket"},
		{name: "WebSocket hidden under the path of what is open", status: 401,
			request: "GET /healthz HTTP/1.1|Host: 127.0.0.1|Connection: Upgrade|Upgrade: websocket"},
		{name: "a rebound name, with the cookie", status: 421,
			request: "GET /snapshot HTTP/1.1|Host: evil.example|{session}"},
		{name: "a rebound name before an address", status: 421,
			request: "GET /snapshot HTTP/1.1|Host: 127.0.0.1.evil.example|{session}"},
		{name: "an absolute target in place of the Host", status: 421,
			request: "GET http://evil.example/snapshot HTTP/1.1|Host: 127.0.0.1|{session}"},
		{name: "two Hosts", status: 400,
			request: "GET /snapshot HTTP/1.1|Host: 127.0.0.1|Host: evil.example|{session}"},
		{name: "login from a foreign page", status: 403,
			request: "POST /login HTTP/1.1|Host: 127.0.0.1|Origin: https://evil.example|Content-Type: application/x-www-form-urlencoded|Content-Length: 13||password=look"},
		{name: "logout from a foreign page", status: 403,
			request: "POST /logout HTTP/1.1|Host: 127.0.0.1|Origin: https://evil.example|{session}|Content-Length: 0"},
		{name: "password in the URL", status: 400,
			request: "POST /login?password=look HTTP/1.1|Host: 127.0.0.1|Content-Type: application/x-www-form-urlencoded|Content-Length: 0"},
		{name: "token in the URL", status: 401,
			request: "GET /snapshot?access_token=recorder.token HTTP/1.1|Host: 127.0.0.1"},
		{name: "a made-up session", status: 401,
			request: "GET /snapshot HTTP/1.1|Host: 127.0.0.1|Cookie: {cookie}=AAAAAAAAAAAAAAAAAAAAAAAAAAA"},
		{name: "an empty session", status: 401,
			request: "GET /snapshot HTTP/1.1|Host: 127.0.0.1|Cookie: {cookie}="},
		{name: "a forged resource", status: 401,
			request: "DELETE /whep/AAAA HTTP/1.1|Host: 127.0.0.1"},
		{name: "a resource below one", status: 401,
			request: "GET /whep/AAAA/events/AAAA HTTP/1.1|Host: 127.0.0.1"},
		{name: "path traversal", status: 307,
			request: "GET /../../etc/passwd HTTP/1.1|Host: 127.0.0.1|{session}", not: "root:"},
		{name: "path traversal, encoded", status: 404,
			request: "GET /%2e%2e%2f%2e%2e%2fetc%2fpasswd HTTP/1.1|Host: 127.0.0.1|{session}", not: "root:"},
		{name: "another way to write a path", status: 307,
			request: "GET //snapshot HTTP/1.1|Host: 127.0.0.1", not: "jpeg"},
		{name: "a path in another case", status: 404,
			request: "GET /SNAPSHOT HTTP/1.1|Host: 127.0.0.1", not: "jpeg"},
		{name: "a picture by the page's path", status: 401,
			request: "GET /?action=snapshot HTTP/1.1|Host: 127.0.0.1", not: "jpeg"},
		{name: "pictures by the page's path", status: 401,
			request: "GET /?action=stream HTTP/1.1|Host: 127.0.0.1", not: "jpeg"},
		{name: "a method of no kind", status: 401,
			request: "BREW /snapshot HTTP/1.1|Host: 127.0.0.1", not: "jpeg"},
		{name: "a method that proxies rewrite", status: 401,
			request: "OPTIONS /snapshot HTTP/1.1|Host: 127.0.0.1|Origin: http://127.0.0.1|Access-Control-Request-Method: GET|X-HTTP-Method-Override: GET", not: "jpeg"},
		{name: "said to come from this machine", status: 401,
			request: "GET /snapshot HTTP/1.1|Host: 127.0.0.1|X-Forwarded-For: 127.0.0.1|X-Real-IP: 127.0.0.1|Forwarded: for=127.0.0.1"},
		{name: "header injection by the path", status: 404,
			request: "GET /a%0d%0aSet-Cookie:%20x=y HTTP/1.1|Host: 127.0.0.1", not: "Set-Cookie"},
		{name: "header injection by the origin", status: 403,
			request: "GET /healthz HTTP/1.1|Host: 127.0.0.1|Origin: https://evil.example%0d%0aSet-Cookie: x=y", not: "\nSet-Cookie"},
		{name: "markup in the path", status: 404,
			request: "GET /<script>alert(1)</script> HTTP/1.1|Host: 127.0.0.1", not: "<script"},
		{name: "markup in the language", status: 401,
			request: "GET / HTTP/1.1|Host: 127.0.0.1|Accept: text/html|Accept-Language: <script>", not: "<script>"},
		{name: "two lengths", status: 400,
			request: "POST /login HTTP/1.1|Host: 127.0.0.1|Content-Length: 5|Content-Length: 6||aaaaaa"},
		{name: "a form too large", status: 400,
			request: "POST /login HTTP/1.1|Host: 127.0.0.1|Content-Type: application/x-www-form-urlencoded|Content-Length: 9999||password=" + strings.Repeat("x", 9990)},
		{name: "a header too large", status: 431,
			request: "GET / HTTP/1.1|Host: 127.0.0.1|X: " + strings.Repeat("x", 2*maxHeaderBytes)},
		{name: "two Authorizations", status: 401,
			request: "GET /snapshot HTTP/1.1|Host: 127.0.0.1|Authorization: Bearer recorder.token|Authorization: Bearer recorder.token"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var log bytes.Buffer
			passed := 0
			conf := everything(t, &passed)
			conf.Open = OpenNone
			h := must(t, func() (http.Handler, error) { return New(conf) })
			session := ""
			server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if session == "" {
					session = cookieName(r) + "=" + conf.Door.Enter(door.Visitor{Name: "viewer", Role: door.Viewer}, "")
				}
				h.ServeHTTP(w, r)
			}))
			server.Config.MaxHeaderBytes = maxHeaderBytes
			server.Config.ErrorLog = slog.NewLogLogger(slog.NewTextHandler(&log, nil), slog.LevelInfo)
			server.Start()
			hello, err := server.Client().Get(server.URL + "/healthz")
			if err != nil || body(t, hello) != "ok\n" {
				t.Fatal(hello, err)
			}
			_ = hello.Body.Close()
			name, _, _ := strings.Cut(session, "=")
			text := strings.NewReplacer("|", "\r\n", "{session}", "Cookie: "+session, "{cookie}", name).Replace(c.request)
			if !strings.Contains(text, "\r\n\r\n") {
				text += "\r\n\r\n"
			}
			answer := send(t, server.Listener.Addr().String(), text)
			server.Close() // and then nobody writes to log
			if want := fmt.Sprintf("HTTP/1.1 %d ", c.status); !strings.HasPrefix(answer, want) {
				t.Errorf("want %sgot:\n%.300s", want, answer)
			}
			if passed > 0 {
				t.Error("the handler ran")
			}
			if c.not != "" && strings.Contains(answer, c.not) {
				t.Errorf("%q is in the answer:\n%s", c.not, answer)
			}
			for _, secret := range []string{"look", "recorder.token", "AAAA"} {
				if strings.Contains(log.String(), secret) {
					t.Errorf("a secret is in the log:\n%s", &log)
				}
			}
		})
	}
}

// send writes a request as it stands, and reads until the server has answered.
func send(t *testing.T, addr, text string) string {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	go func() { _, _ = io.WriteString(conn, text) }() // ends with the connection
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	var answer bytes.Buffer
	if err := res.Write(&answer); err != nil {
		t.Fatal(err)
	}
	return answer.String()
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

// deadlines records what a handler sets.
type deadlines struct {
	*httptest.ResponseRecorder
	read, write time.Time
}

func (d *deadlines) SetReadDeadline(t time.Time) error  { d.read = t; return nil }
func (d *deadlines) SetWriteDeadline(t time.Time) error { d.write = t; return nil }

// TestSlowClientsAreCutOff: every route that does not last has a deadline for
// the answer, and for a body.
func TestSlowClientsAreCutOff(t *testing.T) {
	passed := 0
	c := everything(t, &passed)
	g := must(t, func() (*gate, error) { return newGate(c) })
	h := forwarded(nil, serveRoutes(routesOf(t, c), g))
	for _, rt := range routesOf(t, c) {
		r := requestFor(rt, http.MethodPost)
		r.RemoteAddr = nearby
		r.SetBasicAuth("operator", "right")
		r.ContentLength, r.Body = 1<<40, io.NopCloser(strings.NewReader("x"))
		w := &deadlines{ResponseRecorder: httptest.NewRecorder()}
		h.ServeHTTP(w, r)
		if bound := !w.read.IsZero() && !w.write.IsZero(); bound == rt.lasting {
			t.Errorf("%s: read until %v, write until %v", rt.pattern, w.read, w.write)
		}
	}
}

func TestFrameAncestors(t *testing.T) {
	c := Config{FrameAncestors: []string{"https://home.example.org"}}
	if got := serve(t, c, get("/")).Header.Get("Content-Security-Policy"); !strings.Contains(got, "frame-ancestors 'self' https://home.example.org") || strings.Contains(got, "unsafe") {
		t.Error(got)
	}
	for entry, ok := range map[string]bool{
		"https://home.example.org:8123": true, "*": true,
		"home.example.org": false, "https://a; script-src *": false, "https://a b": false, "'none'": false, "file://x": false, "": false,
	} {
		if err := CheckFrameAncestor(entry); (err == nil) != ok {
			t.Errorf("%q: %v", entry, err)
		}
	}
}

func FuzzCredentials(f *testing.F) {
	for _, seed := range []string{"Bearer recorder.token", "Basic cmVjb3JkZXI6dG9rZW4=", "Basic", "Bearer .", "bearer  a.b.c", "Digest x"} {
		f.Add(seed, "pushcam=x; pushcam=y")
	}
	g := must(f, func() (*gate, error) { return newGate(Config{Open: OpenNone}) })
	f.Fuzz(func(t *testing.T, authorization, cookie string) {
		ctx, cancel := context.WithCancel(context.Background())
		cancel() // nothing has to be hashed
		r := httptest.NewRequest(http.MethodGet, "http://localhost/", nil).WithContext(ctx)
		r.Header = http.Header{"Authorization": {authorization}, "Cookie": {cookie}}
		if v, _ := g.visitor(r); v.Role != door.Nobody {
			t.Errorf("%q %q is %v", authorization, cookie, v)
		}
	})
}

// FuzzQuery: whatever a URL says, a stranger sees no picture, and every answer
// keeps its headers.
func FuzzQuery(f *testing.F) {
	for _, seed := range []string{
		"action=snapshot", "action=stream&fps=1e9", "action=%73napshot&action=stream", "pull=a%00b", "width=-1&quality=999999999999999999999",
		"access_token=recorder.token", "token=x&password=look", ";", "%", "%zz=1", "a=1;action=snapshot", "\r\nSet-Cookie: x=y", "[]=1&[]=2",
	} {
		f.Add("/", seed, "pushcam=x")
		f.Add("/snapshot", seed, "pushcam=\"x\"; pushcam=; =; ;")
		f.Add("/whep/x", seed, "pushcam")
		f.Add("/login", seed, strings.Repeat("a=b; ", 100))
	}
	passed := 0
	c := everything(f, &passed)
	c.Open = OpenNone
	h := must(f, func() (http.Handler, error) { return New(c) })
	f.Fuzz(func(t *testing.T, path, query, cookie string) {
		r := httptest.NewRequest(http.MethodGet, "http://localhost/", nil)
		r.URL.Path, r.URL.RawQuery, r.RemoteAddr = "/"+strings.TrimPrefix(path, "/"), query, faraway
		r.Header.Set("Cookie", cookie)
		r.Header.Set("Accept", "text/html")
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if passed > 0 {
			t.Fatalf("%q %q %q: the handler ran", path, query, cookie)
		}
		if w.Code >= 500 || w.Header().Get("Content-Security-Policy") == "" || w.Header().Get("X-Content-Type-Options") != "nosniff" || w.Header().Get("Set-Cookie") != "" {
			t.Errorf("%q %q %q: %d %v", path, query, cookie, w.Code, w.Header())
		}
	})
}

func FuzzForwarded(f *testing.F) {
	for _, c := range forwardedCases {
		f.Add(c.xff, c.std)
	}
	proxies := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}
	f.Fuzz(func(t *testing.T, xff, std string) {
		r := httptest.NewRequest(http.MethodGet, "http://localhost/", nil)
		r.RemoteAddr = "10.0.0.1:5"
		setForwarded(r, xff, std)
		if c, ok := findClient(proxies, r); ok && !c.addr.IsValid() {
			t.Errorf("%q %q: no address, and no error", xff, std)
		}
		r.RemoteAddr = faraway
		if c, ok := findClient(proxies, r); !ok || c.addr != netip.MustParseAddrPort(faraway).Addr() || c.hidden != (xff != "" || std != "") {
			t.Errorf("%q %q: believed from anybody: %v", xff, std, c)
		}
	})
}
