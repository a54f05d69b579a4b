package web

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"
)

// TestHalfOpenConnections: a thousand connections that say nothing, or half of a
// request, keep nobody out, nor those whose request runs.
func TestHalfOpenConnections(t *testing.T) {
	defer goleak.VerifyNone(t)
	release := make(chan struct{})
	const most = 100
	ln, err := Listen(t.Context(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r := serving(t, &Server{Grace: time.Minute, MaxConnections: most, Handler: http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		_ = http.NewResponseController(w).Flush() // the header
		if q.URL.Path == "/watch" {
			<-release
		}
	})}, ln)
	watching := exchange(t, r.addr, "/watch")
	var open []net.Conn
	for i := range 1000 {
		conn, err := net.Dial("tcp", r.addr)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = conn.Close() })
		if i%2 == 0 {
			_, _ = io.WriteString(conn, "GET / HTTP/1.1\r\nHost: ") // may be closed already
		}
		open = append(open, conn)
	}
	_ = exchange(t, r.addr, "/")
	for _, conn := range open[:len(open)-most] {
		// Without a deadline: they are closed long before theirs.
		if _, err := conn.Read(make([]byte, 1)); err == nil {
			t.Error("one that asked for nothing got an answer")
		}
	}
	close(release)
	if _, err := io.Copy(io.Discard, watching.Body); err != nil {
		t.Errorf("whose request ran: %v", err)
	}
	for _, conn := range open {
		_ = conn.Close() // or the end waits for their deadline
	}
	r.stop()
	if err := <-r.end; err != nil {
		t.Error(err)
	}
}

// exchange sends one, and returns its answer when the header is there.
func exchange(t *testing.T, addr, path string) *http.Response {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	if _, err := fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n", path, addr); err != nil {
		t.Fatal(err)
	}
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("%s: %v, %v", path, res, err)
	}
	return res
}

// closedListener has nobody any more.
type closedListener struct{ net.Listener }

func (closedListener) Accept() (net.Conn, error) { return nil, net.ErrClosed }

// fakeConn is from an address, and knows whether it is closed.
type fakeConn struct {
	net.Conn
	addr   string
	closed bool
}

func (c *fakeConn) Close() error { c.closed = true; return nil }
func (c *fakeConn) RemoteAddr() net.Addr {
	addr, err := net.ResolveTCPAddr("tcp", c.addr)
	if err != nil {
		panic(err)
	}
	return addr
}

func TestCrowd(t *testing.T) { synctest.Test(t, testCrowd) }

func testCrowd(t *testing.T) {
	c := newCrowd(nil, maxIdle+10)
	come := func(format string, args ...any) (*fakeConn, *guest) {
		conn := &fakeConn{addr: fmt.Sprintf(format, args...)}
		g := &guest{Conn: conn, crowd: c, from: networkOf(conn.RemoteAddr())}
		if !c.enter(g) {
			return conn, nil
		}
		return conn, g
	}
	busyConn, busy := come("10.9.9.9:1")
	c.state(busy, http.StateActive)
	oldConn, old := come("10.9.9.9:2")
	for i := range maxIdle - 1 {
		come("10.0.%d.%d:1", i/200, i%200)
	}
	come("10.8.8.8:1")
	if oldConn.closed {
		t.Error("one had to go though all have just come")
	}
	time.Sleep(patience) //nolint:forbidigo // the bubble's time
	come("10.8.8.8:2")
	if !oldConn.closed || busyConn.closed {
		t.Errorf("idle longest closed: %v, busy closed: %v", oldConn.closed, busyConn.closed)
	}
	_ = old.Close()
	_ = old.Close()
	if c.n != maxIdle+2 || c.idle.Len() != maxIdle+1 {
		t.Errorf("%d in all, %d idle", c.n, c.idle.Len())
	}
	for i := range maxIdle + 20 { // all idle ones have to make room
		if _, g := come("10.7.7.7:%d", i+1); g != nil {
			c.state(g, http.StateActive)
		}
	}
	if c.n != c.max || c.idle.Len() != 0 || len(c.of) != 0 || busyConn.closed {
		t.Errorf("%d in all, want %d; %d idle", c.n, c.max, c.idle.Len())
	}
	if conn, g := come("10.6.6.6:1"); g != nil || conn.closed {
		t.Error("one more gets in")
	}
}

// TestCrowdByHost: an IPv6 network is one host.
func TestCrowdByHost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCrowd(nil, maxIdle)
		var all []*fakeConn
		for i := range maxIdlePerHost + 1 {
			conn := &fakeConn{addr: fmt.Sprintf("[2001:db8::%x]:1", i+1)}
			c.enter(&guest{Conn: conn, crowd: c, from: networkOf(conn.RemoteAddr())})
			all = append(all, conn)
			time.Sleep(patience) //nolint:forbidigo // the bubble's time
		}
		if !all[0].closed || all[1].closed || c.n != maxIdlePerHost {
			t.Errorf("%d in all", c.n)
		}
	})
}

func TestCrowdEndsWithItsListener(t *testing.T) {
	if _, err := newCrowd(closedListener{}, 1).Accept(); !errors.Is(err, net.ErrClosed) {
		t.Errorf("Accept = %v", err)
	}
}
