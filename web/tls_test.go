package web

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/pushcam/pushcam/web/certificate"
)

// TestTLS: by https with HTTP/2, and those who come by http are sent there.
func TestTLS(t *testing.T) {
	defer goleak.VerifyNone(t)
	auto, err := certificate.OpenAuto(filepath.Join(t.TempDir(), "tls.pem"), []string{"127.0.0.1"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := auto.GetCertificate(nil)
	if err != nil {
		t.Fatal(err)
	}
	h := must(t, func() (http.Handler, error) { return New(Config{Door: newDoor(t)}) })
	ln, err := Listen(t.Context(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r := serving(t, &Server{Handler: h, Grace: time.Minute, TLS: &tls.Config{GetCertificate: auto.GetCertificate}}, ln)
	roots := x509.NewCertPool()
	roots.AddCert(cert.Leaf)
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}, ForceAttemptHTTP2: true}
	client := &http.Client{Transport: transport}

	res, err := client.Get("http://" + r.addr + "/healthz?x=1")
	if err != nil {
		t.Fatal(err)
	}
	if got := body(t, res); got != "ok\n" || res.ProtoMajor != 2 || res.Request.URL.String() != "https://"+r.addr+"/healthz?x=1" {
		t.Errorf("%s by HTTP/%d from %s", got, res.ProtoMajor, res.Request.URL)
	}
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	res, err = client.Post("https://"+r.addr+"/login", "application/x-www-form-urlencoded", strings.NewReader("password=look"))
	if err != nil {
		t.Fatal(err)
	}
	if cookies := res.Cookies(); len(cookies) != 1 || !cookies[0].Secure {
		t.Errorf("%s, cookies %v", res.Status, cookies)
	}
	transport.CloseIdleConnections()
	r.stop()
	if err := <-r.end; err != nil {
		t.Error(err)
	}
}

// TestPlainOnTLS: what is sent to a port that wants TLS.
func TestPlainOnTLS(t *testing.T) {
	for _, c := range []struct{ name, request, want string }{
		{"a path", "GET /a?b HTTP/1.1\r\nHost: pi.local:1990\r\n\r\n", "Location: https://pi.local:1990/a?b\r\n"},
		{"an absolute target", "GET http://pi.local/a HTTP/1.1\r\nHost: x\r\n\r\n", "Location: https://pi.local/a\r\n"},
		{"two slashes", "GET //evil.example/ HTTP/1.1\r\nHost: pi.local\r\n\r\n", "Location: https://pi.local//evil.example/\r\n"},
		{"all of it", "OPTIONS * HTTP/1.1\r\nHost: pi.local\r\n\r\n", "Location: https://pi.local/\r\n"},
		{"a user", "GET / HTTP/1.1\r\nHost: pi.local@evil.example\r\n\r\n", "400 "},
		{"no host", "GET / HTTP/1.0\r\n\r\n", "400 "},
		{"nonsense", "nonsense\r\n\r\n", ""},
		{"no end", "GET / HTTP/1.1\r\nX: " + strings.Repeat("x", 2*maxHeaderBytes), ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			conn := &scripted{in: strings.NewReader(c.request)}
			tlsSide := &firstByte{Conn: conn}
			if n, err := tlsSide.Read(make([]byte, 7)); n != 0 || err == nil {
				t.Errorf("TLS gets %d bytes of it, %v", n, err)
			}
			if got := conn.out.String(); !strings.Contains(got, c.want) || c.want == "" && got != "" {
				t.Errorf("answer:\n%s\nwant %q", got, c.want)
			}
		})
	}
}

// scripted is a connection that says what a test has written down.
type scripted struct {
	net.Conn
	in  io.Reader
	out bytes.Buffer
}

func (c *scripted) Read(p []byte) (int, error)  { return c.in.Read(p) }
func (c *scripted) Write(p []byte) (int, error) { return c.out.Write(p) }
