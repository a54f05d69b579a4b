package web

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pushcam/pushcam/signal/ws/wstest"
)

// TestSlowRequests: who sends a byte now and then, or reads nothing, is cut off
// in time, while those who are quick get their answers.
func TestSlowRequests(t *testing.T) {
	for _, c := range []struct {
		name, begin, more string // more is sent each second, a byte at a time
		reads             bool
		limit             time.Duration
	}{
		{"nothing", "", "", true, headerTimeout},
		{"half a header", "GET / HTTP/1.1\r\n", "X: 0123456789", true, headerTimeout},
		{"half a body", "POST /login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 1000\r\n\r\n", "password=0123456789", true, bodyTimeout},
		{"half a body that nobody wants", "POST /healthz HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n", "0123456789", true, bodyTimeout},
		{"half a body of a stranger", "POST /embed HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n", "0123456789", true, bodyTimeout},
		{"half a body of one who wants pictures for ever", "GET /stream HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n", "0123456789", true, bodyTimeout},
		{"half a body for another name", "POST / HTTP/1.1\r\nHost: evil.example\r\nContent-Length: 1000\r\n\r\n", "0123456789", true, bodyTimeout},
		{"an endless chunk", "POST /login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\nTransfer-Encoding: chunked\r\n\r\nfff\r\n", "password=0123456789", true, bodyTimeout},
		{"an answer that is not read", "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", "", false, answerTimeout},
		{"no next request", "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n", "", true, idleTimeout},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				listener := wstest.NewListener()
				h := must(t, func() (http.Handler, error) { return New(Config{Door: newDoor(t), Open: OpenNone, Pictures: album{}}) })
				r := serving(t, &Server{Handler: h, Grace: time.Minute}, listener)
				conn := must(t, func() (io.ReadWriteCloser, error) { return listener.DialContext(t.Context(), "", "") })
				began, took, ended := time.Now(), time.Duration(0), make(chan struct{})
				if c.reads {
					go func() {
						defer close(ended)
						_, _ = io.Copy(io.Discard, conn) // until it is closed
						took = time.Since(began)
					}()
				}
				_, _ = io.WriteString(conn, c.begin)
				for more := range strings.SplitSeq(c.more, "") {
					time.Sleep(time.Second)           //nolint:forbidigo // the bubble's time
					_, _ = io.WriteString(conn, more) // may be closed already
				}
				if !c.reads {
					time.Sleep(c.limit) //nolint:forbidigo // the bubble's time
					if _, err := io.WriteString(conn, "GET"); err == nil {
						t.Error("still open")
					}
					close(ended)
				}
				<-ended
				// net/http gives the other side half a second to read the last answer.
				if took > c.limit+time.Second {
					t.Errorf("closed after %v, want %v", took, c.limit)
				}
				_ = conn.Close()
				r.stop()
				if err := <-r.end; err != nil {
					t.Error(err)
				}
			})
		})
	}
}

// deadlines records what a handler sets.
type deadlines struct {
	*httptest.ResponseRecorder
	read, write time.Time
}

func (d *deadlines) SetReadDeadline(t time.Time) error  { d.read = t; return nil }
func (d *deadlines) SetWriteDeadline(t time.Time) error { d.write = t; return nil }

// TestSlowClientsAreCutOff: every request has a deadline for a body, and for its
// answer; but for the answers to who may that have no end.
func TestSlowClientsAreCutOff(t *testing.T) {
	passed := 0
	c := everything(t, &passed)
	h := must(t, func() (http.Handler, error) { return New(c) })
	for _, rt := range routesOf(t, c) {
		for password, may := range map[string]bool{"": false, "right": true} {
			r := requestFor(rt, http.MethodPost, urlsOf(t, rt)[0])
			r.RemoteAddr = faraway
			if may {
				r.SetBasicAuth("operator", password)
			}
			r.ContentLength, r.Body = 1<<40, io.NopCloser(strings.NewReader("x"))
			w := &deadlines{ResponseRecorder: httptest.NewRecorder()}
			h.ServeHTTP(w, r)
			if w.read.IsZero() || w.write.IsZero() != (rt.lasting && may) {
				t.Errorf("%s, %v: read until %v, write until %v", rt.pattern, may, w.read, w.write)
			}
		}
	}
}
