package mux

import (
	"io"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/ice/v4"
)

// lineLength is how many packets wait for an agent; the largest burst is a
// viewer's part of the DTLS handshake. More are dropped, as on the way.
const lineLength = 32

// line is what one agent's candidates of one IP version have in common. It ends
// with the last of their conns.
type line struct {
	port    *port
	name    lineName
	packets chan packet
	heard   atomic.Bool   // something came
	ended   chan struct{} // closed by port.settle: nothing more is read

	// Guarded by port.mu:
	addresses []netip.AddrPort // that packets come from
	conns     int              // open ones
	read      bool             // one has been opened to read
}

// packet is one that came.
type packet struct {
	from netip.AddrPort
	data []byte
}

func newLine(p *port, name lineName) *line {
	return &line{port: p, name: name, packets: make(chan packet, lineLength), ended: make(chan struct{})}
}

func (l *line) put(b []byte, from netip.AddrPort) {
	l.heard.Store(true)
	select {
	case l.packets <- packet{from, append([]byte(nil), b...)}:
	default:
	}
}

// open makes a conn. It is called with port.mu held.
func (l *line) open() *conn {
	c := &conn{line: l, reads: !l.read, closed: make(chan struct{})}
	l.read = true
	l.conns++
	return c
}

// conn is one candidate's. All of a line send alike, as they share a socket that
// is bound to no address; what comes is read by the first, and the others' end
// at once: a candidate that reads is a goroutine.
type conn struct {
	line   *line
	reads  bool
	last   atomic.Pointer[netip.AddrPort] // written to, and registered
	closed chan struct{}
	once   sync.Once
}

var (
	_ net.PacketConn           = (*conn)(nil)
	_ ice.AddrPortReaderWriter = (*conn)(nil)
)

// ReadFromAddrPort implements ice.AddrPortReaderWriter. After Close, and for who
// does not read, it returns io.EOF.
func (c *conn) ReadFromAddrPort(b []byte) (int, netip.AddrPort, error) {
	if !c.reads {
		return 0, netip.AddrPort{}, io.EOF
	}
	select {
	case p := <-c.line.packets:
		if len(p.data) > len(b) {
			return 0, p.from, io.ErrShortBuffer
		}
		return copy(b, p.data), p.from, nil
	case <-c.closed:
	case <-c.line.ended:
	case <-c.line.port.closing:
	}
	return 0, netip.AddrPort{}, io.EOF
}

// WriteToAddrPort implements ice.AddrPortReaderWriter.
func (c *conn) WriteToAddrPort(b []byte, to netip.AddrPort) (int, error) {
	select {
	case <-c.closed:
		return 0, io.ErrClosedPipe
	default:
	}
	if last := c.last.Load(); last == nil || *last != to {
		c.line.port.register(c.line, netip.AddrPortFrom(to.Addr().Unmap(), to.Port()))
		last := to // a copy, so that the usual packet needs none
		c.last.Store(&last)
	}
	return c.line.port.conn.WriteToAddrPort(b, to)
}

// ReadFrom implements net.PacketConn.
func (c *conn) ReadFrom(b []byte) (int, net.Addr, error) {
	n, from, err := c.ReadFromAddrPort(b)
	return n, net.UDPAddrFromAddrPort(from), err
}

// WriteTo implements net.PacketConn.
func (c *conn) WriteTo(b []byte, to net.Addr) (int, error) {
	address, ok := to.(*net.UDPAddr)
	if !ok {
		return 0, errNotUDP
	}
	return c.WriteToAddrPort(b, address.AddrPort())
}

// LocalAddr implements net.PacketConn.
func (c *conn) LocalAddr() net.Addr { return c.line.port.conn.LocalAddr() }

// Close implements net.PacketConn.
func (c *conn) Close() error {
	c.once.Do(func() {
		close(c.closed)
		l := c.line
		l.port.mu.Lock()
		defer l.port.mu.Unlock()
		if l.conns--; l.conns == 0 {
			l.port.remove(l)
		}
	})
	return nil
}

// SetDeadline implements net.PacketConn. It does nothing, as the library sets
// one only before it closes; so do the other two.
func (*conn) SetDeadline(time.Time) error { return nil }

// SetReadDeadline implements net.PacketConn.
func (*conn) SetReadDeadline(time.Time) error { return nil }

// SetWriteDeadline implements net.PacketConn.
func (*conn) SetWriteDeadline(time.Time) error { return nil }
