package peertest

import (
	"errors"
	"net"
	"net/netip"
	"slices"
	"sync"
	"testing"
)

// maxRelayed bounds the ports that a Relay opens: a browser has a few.
const maxRelayed = 64

// Relay is a Path between real sockets on this machine: what comes to its port
// goes to the server's, and back, changed in nothing but what the Links do to
// it. Whoever shall take it is told its port instead of the server's. It ends
// with the test.
type Relay struct {
	// Down leads from the server to the viewer, Up back.
	Down, Up *Link

	t       testing.TB
	server  netip.AddrPort
	conn    *net.UDPConn
	running sync.WaitGroup

	mu      sync.Mutex
	closed  bool
	viewers map[netip.AddrPort]*net.UDPConn // to the server, one for each port of a viewer's
}

// NewRelay opens a port on all IPv4 addresses of this machine: not every browser
// sends to 127.0.0.1. Down and Up get the conditions as those
// of a Path do.
func NewRelay(t testing.TB, server netip.AddrPort, down Conditions) *Relay {
	t.Helper()
	conn, err := net.ListenUDP("udp4", nil)
	if err != nil {
		t.Fatal(err)
	}
	r := &Relay{
		Down: newLink(down, 1), Up: newLink(down.back(), 2),
		t: t, server: server, conn: conn, viewers: map[netip.AddrPort]*net.UDPConn{},
	}
	enlarge(conn)
	r.running.Go(r.up)
	t.Cleanup(r.close)
	return r
}

// Addr is where viewers on this machine send.
func (r *Relay) Addr() netip.AddrPort {
	return netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), r.conn.LocalAddr().(*net.UDPAddr).AddrPort().Port())
}

// Server is where the Relay sends.
func (r *Relay) Server() netip.AddrPort { return r.server }

// enlarge makes room for a keyframe's packets. It is best effort.
func enlarge(conn *net.UDPConn) { _ = conn.SetReadBuffer(1 << 20) }

// up passes on what viewers send, until the port is closed.
func (r *Relay) up() {
	relayed(r.conn, func(from netip.AddrPort, datagram []byte) {
		if to := r.viewer(from); to != nil {
			// The server's refusal, or a closed socket, is a loss like any.
			r.Up.send(len(datagram), func() { _, _ = to.Write(datagram) })
		}
	})
}

// viewer is the socket that stands for a viewer's, nil when there are too many.
func (r *Relay) viewer(from netip.AddrPort) *net.UDPConn {
	r.mu.Lock()
	defer r.mu.Unlock()
	if conn := r.viewers[from]; conn != nil || r.closed || len(r.viewers) == maxRelayed {
		return conn
	}
	conn, err := net.DialUDP("udp4", nil, net.UDPAddrFromAddrPort(r.server))
	if err != nil {
		r.t.Error(err)
		return nil
	}
	enlarge(conn)
	r.viewers[from] = conn
	r.running.Go(func() {
		relayed(conn, func(_ netip.AddrPort, datagram []byte) {
			r.Down.send(len(datagram), func() { _, _ = r.conn.WriteToUDPAddrPort(datagram, from) })
		})
	})
	return conn
}

// relayed gives what comes to a socket to pass, which may keep it, until the
// socket is closed.
func relayed(conn *net.UDPConn, pass func(from netip.AddrPort, datagram []byte)) {
	buffer := make([]byte, 1<<16)
	for {
		n, from, err := conn.ReadFromUDPAddrPort(buffer)
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err == nil { // else nobody listens there at the moment
			pass(from, slices.Clone(buffer[:n]))
		}
	}
}

func (r *Relay) close() {
	r.mu.Lock()
	r.closed = true
	for _, conn := range r.viewers {
		_ = conn.Close() // nothing waits in it
	}
	r.mu.Unlock()
	_ = r.conn.Close()
	r.running.Wait()
	r.Down.close()
	r.Up.close()
}
