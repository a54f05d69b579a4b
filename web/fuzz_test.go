package web

import (
	"bufio"
	"bytes"
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"

	"github.com/pushcam/pushcam/web/door"
)

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

// spoken is a connection on which all has been said.
type spoken struct {
	net.Conn
	said   *strings.Reader
	answer bytes.Buffer
}

func (s *spoken) Read(p []byte) (int, error)  { return s.said.Read(p) }
func (s *spoken) Write(p []byte) (int, error) { return s.answer.Write(p) }

// FuzzRedirect: whatever is said where TLS is spoken gets one answer, or none,
// which leads to this host and has no header of the sender's making.
func FuzzRedirect(f *testing.F) {
	for _, seed := range []string{
		"GET /a?b=c HTTP/1.1\r\nHost: pi.local:1990\r\n\r\n", "GET http://evil.example/ HTTP/1.1\r\nHost: pi.local\r\n\r\n",
		"GET //evil.example HTTP/1.1\r\nHost: pi.local\r\n\r\n", "GET /\x00\r HTTP/1.1\nHost: pi.local\rX: y\n\n", "OPTIONS * HTTP/1.1\r\nHost: [::1]\r\n\r\n",
		"CONNECT evil.example:443 HTTP/1.1\r\nHost: pi.local\r\n\r\n", "\x16\x03\x01", "GET / HTTP/1.0\r\n\r\n",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, said string) {
		s := &spoken{said: strings.NewReader(said)}
		if n, err := (&firstByte{Conn: s}).Read(make([]byte, 16)); n > 0 && said[0] != handshakeRecord || n == 0 && err == nil {
			t.Fatalf("%q: %d, %v", said, n, err)
		}
		if s.answer.Len() == 0 {
			return
		}
		in := bufio.NewReader(&s.answer)
		res, err := http.ReadResponse(in, nil)
		if err != nil {
			t.Fatalf("%q: %v", said, err)
		}
		_ = res.Body.Close()
		to := res.Header.Get("Location")
		res.Header.Del("Location")
		if len(res.Header) != 1 || !res.Close || res.ContentLength != 0 || in.Buffered() > 0 {
			t.Errorf("%q: %v, and %d bytes more", said, res.Header, in.Buffered())
		}
		asked, err := http.ReadRequest(bufio.NewReader(strings.NewReader(said)))
		if err != nil {
			t.Fatalf("%q: %v, and it is answered", said, err)
		}
		u, err := url.Parse(to)
		if found := res.StatusCode == http.StatusTemporaryRedirect; found && (err != nil || u.Scheme != "https" || u.Host != asked.Host) || found == (to == "") {
			t.Errorf("%q: %s to %q, %v", said, res.Status, to, err)
		}
	})
}
