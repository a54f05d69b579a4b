package udp

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/pion/ice/v4"
)

// Way is how packets reach the kernel. Better ways come first.
type Way uint32

// The ways.
const (
	// Segmented is one call for a Batch, one message for a run of packets.
	Segmented Way = iota
	// Several is one call for a Batch, one message for each packet.
	Several
	// Single is one call for each packet. Batches hold nothing.
	Single
)

// String names it in logs.
func (w Way) String() string {
	switch w {
	case Segmented:
		return "segmented"
	case Several:
		return "several"
	case Single:
		return "single"
	}
	return "unknown"
}

// Conn is an open UDP socket, IPv4 or IPv6 or both. All methods may be called
// from any goroutine. Close it to release the socket.
type Conn struct {
	socket *net.UDPConn
	raw    syscall.RawConn
	ip4    bool // the socket knows no IPv6
	system system
	shots  sync.Pool
	routes routes
	way    atomic.Uint32 // may become worse
	counts counters
	late   backlog
}

var (
	_ net.PacketConn           = (*Conn)(nil)
	_ ice.AddrPortReaderWriter = (*Conn)(nil)
)

// New takes over a socket, which is closed by Conn.Close from now on.
func New(socket *net.UDPConn) (*Conn, error) {
	raw, err := socket.SyscallConn()
	if err != nil {
		return nil, fmt.Errorf("use socket %v: %w", socket.LocalAddr(), err)
	}
	c := &Conn{
		socket: socket, raw: raw,
		ip4:    socket.LocalAddr().(*net.UDPAddr).IP.To4() != nil,
		system: systemCalls(),
	}
	c.way.Store(uint32(detect(raw)))
	c.shots.New = func() any { return newShot(c) }
	return c, nil
}

// NewBatch makes a Batch, for one sender. It needs no closing, its Routes do.
func (c *Conn) NewBatch() *Batch {
	return &Batch{conn: c, held: newHeld(c)}
}

// WriteToAddrPort sends one packet, or lets it join a Batch. It never waits. A
// packet that the full socket does not take is dropped without an error.
func (c *Conn) WriteToAddrPort(p []byte, addr netip.AddrPort) (int, error) {
	addr = unmap(addr)
	route := c.routes.find(addr)
	if route != nil && route.batch.join(route, p) {
		return len(p), nil
	}
	to := target{addr: addr}
	if route != nil {
		to = route.to
	} else if err := to.resolve(); err != nil {
		return 0, fmt.Errorf("send to %v: %w", addr, err)
	}
	err := c.shoot(p, to)
	switch {
	case err == nil:
		c.counts.sent(1, len(p))
	case errors.Is(err, net.ErrClosed):
		return 0, err
	default:
		full := isFull(err)
		c.counts.lost(route, 1, full)
		if !full {
			return 0, fmt.Errorf("send to %v: %w", addr, err)
		}
	}
	return len(p), nil
}

// ReadFromAddrPort waits for a packet. IPv4 addresses may come as IPv6 ones.
func (c *Conn) ReadFromAddrPort(p []byte) (int, netip.AddrPort, error) {
	return c.socket.ReadFromUDPAddrPort(p)
}

// WriteTo implements net.PacketConn.
func (c *Conn) WriteTo(p []byte, addr net.Addr) (int, error) {
	to, ok := addr.(*net.UDPAddr)
	if !ok {
		return 0, fmt.Errorf("send to %v: not a UDP address", addr)
	}
	return c.WriteToAddrPort(p, to.AddrPort())
}

// ReadFrom implements net.PacketConn.
func (c *Conn) ReadFrom(p []byte) (int, net.Addr, error) { return c.socket.ReadFrom(p) }

// LocalAddr implements net.PacketConn, with a *net.UDPAddr.
func (c *Conn) LocalAddr() net.Addr { return c.socket.LocalAddr() }

// SetDeadline implements net.PacketConn, for reading.
func (c *Conn) SetDeadline(t time.Time) error { return c.socket.SetReadDeadline(t) }

// SetReadDeadline implements net.PacketConn.
func (c *Conn) SetReadDeadline(t time.Time) error { return c.socket.SetReadDeadline(t) }

// SetWriteDeadline implements net.PacketConn. It does nothing, as writing never
// waits.
func (c *Conn) SetWriteDeadline(time.Time) error { return nil }

// Close releases the socket and ends ReadFrom. What was not sent is lost.
func (c *Conn) Close() error {
	err := c.socket.Close()
	c.late.close()
	return err
}
