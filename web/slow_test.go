package web

import (
	"io"
	"net/http"
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
		{"an endless chunk", "POST /login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\nTransfer-Encoding: chunked\r\n\r\nfff\r\n", "password=0123456789", true, bodyTimeout},
		{"an answer that is not read", "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", "", false, answerTimeout},
		{"no next request", "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n", "", true, idleTimeout},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				listener := wstest.NewListener()
				h := must(t, func() (http.Handler, error) { return New(Config{Door: newDoor(t), Open: OpenAll}) })
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
