package web

import (
	"container/list"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"time"

	"github.com/pushcam/pushcam/web/door"
)

// How many connections may ask for nothing, yet or again: more than browsers
// open ahead of need. Those that have just come do not count: many come at once
// when a pushcam is back.
const (
	maxIdle        = 512
	maxIdlePerHost = 64
	patience       = time.Second
)

// mostUnsent is how many bytes of an answer may wait in the system for the
// network. A client of /stream on a slow path would else have seconds of old
// pictures before it, as buffers grow to megabytes.
const mostUnsent = 64 << 10

// crowd is a listener that knows its connections. When too many ask for nothing,
// or there are too many in all, the one goes that has asked for nothing longest,
// so that who does ask gets in. All methods are safe from any goroutine.
type crowd struct {
	net.Listener
	max int // connections

	mu   sync.Mutex
	n    int
	idle list.List // of *guest, the one idle longest first
	of   map[netip.Prefix]int
}

// guest is a connection. place and in belong to the crowd's mu.
type guest struct {
	net.Conn
	crowd *crowd
	from  netip.Prefix
	place *list.Element // in crowd.idle, nil while it is not idle
	since time.Time     // when it became idle
	in    bool
}

func newCrowd(ln net.Listener, most int) *crowd {
	return &crowd{Listener: ln, max: most, of: map[netip.Prefix]int{}}
}

// Accept implements net.Listener.
func (c *crowd) Accept() (net.Conn, error) {
	for {
		conn, err := c.Listener.Accept()
		if err != nil {
			return nil, err
		}
		boundUnsent(conn)
		g := &guest{Conn: conn, crowd: c, from: networkOf(conn.RemoteAddr())}
		if c.enter(g) {
			return g, nil
		}
		_ = conn.Close() // there is no room to tell anything in
	}
}

// networkOf is what counts as one host.
func networkOf(a net.Addr) netip.Prefix {
	tcp, ok := a.(*net.TCPAddr)
	if !ok {
		return netip.Prefix{}
	}
	return door.Network(tcp.AddrPort().Addr())
}

func (c *crowd) enter(g *guest) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.n >= c.max && !c.sendAway(func(*guest) bool { return true }) {
		return false
	}
	c.n++
	g.in = true
	c.settle(g)
	return true
}

// settle makes g idle. The caller holds mu.
func (c *crowd) settle(g *guest) {
	if g.place != nil || !g.in {
		return
	}
	now := time.Now()
	g.place, g.since = c.idle.PushBack(g), now
	c.of[g.from]++
	longIdle := func(other *guest) bool { return now.Sub(other.since) >= patience }
	switch {
	case c.of[g.from] > maxIdlePerHost:
		c.sendAway(func(other *guest) bool { return other.from == g.from && longIdle(other) })
	case c.idle.Len() > maxIdle:
		c.sendAway(longIdle)
	}
}

// sendAway closes the connection that is idle longest of those that match. The
// caller holds mu.
func (c *crowd) sendAway(match func(*guest) bool) bool {
	for e := c.idle.Front(); e != nil; e = e.Next() {
		if g, ok := e.Value.(*guest); ok && match(g) {
			c.leave(g)
			_ = g.Conn.Close() // its owner sees that, and closes it too
			return true
		}
	}
	return false
}

// leave counts g no more. The caller holds mu.
func (c *crowd) leave(g *guest) {
	if g.in {
		g.in = false
		c.n--
		c.rise(g)
	}
}

// rise makes g not idle. The caller holds mu.
func (c *crowd) rise(g *guest) {
	if g.place == nil {
		return
	}
	c.idle.Remove(g.place)
	g.place = nil
	if c.of[g.from]--; c.of[g.from] == 0 {
		delete(c.of, g.from)
	}
}

// state is http.Server's ConnState.
func (c *crowd) state(conn net.Conn, state http.ConnState) {
	g, ok := innermost(conn).(*guest)
	if !ok {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	switch state {
	case http.StateIdle:
		c.settle(g)
	case http.StateActive, http.StateHijacked:
		c.rise(g)
	case http.StateNew, http.StateClosed: // enter and Close have seen to it
	}
}

// innermost takes off what TLS and others have put around a connection.
func innermost(conn net.Conn) net.Conn {
	for {
		outer, ok := conn.(interface{ NetConn() net.Conn })
		if !ok {
			return conn
		}
		conn = outer.NetConn()
	}
}

// Close implements net.Conn.
func (g *guest) Close() error {
	g.crowd.mu.Lock()
	g.crowd.leave(g)
	g.crowd.mu.Unlock()
	return g.Conn.Close()
}

// CloseWrite lets the other side read the last answer before the end.
func (g *guest) CloseWrite() error {
	if half, ok := g.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return nil
}
