package mux

import (
	"errors"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/pion/ice/v4"
	"github.com/pion/logging"
	"github.com/pion/stun/v4"
)

// packetConn is the socket: a *udp.Conn.
type packetConn interface {
	net.PacketConn
	ice.AddrPortReaderWriter
}

// port shares the UDP socket between the viewers: an ice.UDPMux. A packet goes
// to the viewer that we have written to its address, and one from an unknown
// address by the user name in it (RFC 8445 section 7.2.2).
//
// The library's own keeps two goroutines and more for each viewer and any
// number of packets.
type port struct {
	conn    packetConn
	log     logging.LeveledLogger
	closing chan struct{} // closed by Close
	once    sync.Once
	reading sync.WaitGroup

	mu        sync.RWMutex
	lines     map[lineName]*line
	addresses map[netip.AddrPort]*line
}

var _ ice.UDPMux = (*port)(nil)

// lineName is whom a line belongs to: to one viewer's ICE agent, for IPv4 or
// for IPv6.
type lineName struct {
	user string
	ip6  bool
}

var errNotUDP = errors.New("not a UDP address")

const (
	// readRetry is the pause after an error of the socket.
	readRetry = 100 * time.Millisecond
	// maxAddresses bounds those of one viewer; a browser has a few.
	maxAddresses = 64
	// receiveMTU is the largest packet that can come in over Ethernet, and
	// more.
	receiveMTU = 2048
)

func newPort(conn packetConn, log logging.LeveledLogger) *port {
	p := &port{
		conn: conn, log: log, closing: make(chan struct{}),
		lines: map[lineName]*line{}, addresses: map[netip.AddrPort]*line{},
	}
	p.reading.Go(p.read)
	return p
}

// read gives what comes to whom it is for, until Close.
func (p *port) read() {
	buffer := make([]byte, receiveMTU)
	for {
		n, from, err := p.conn.ReadFromAddrPort(buffer)
		switch {
		case err == nil:
			p.deliver(buffer[:n], netip.AddrPortFrom(from.Addr().Unmap(), from.Port()))
		case errors.Is(err, net.ErrClosed):
			return
		default:
			p.log.Warnf("read from UDP port: %v", err)
			select {
			case <-p.closing:
				return
			case <-time.After(readRetry):
			}
		}
	}
}

func (p *port) deliver(b []byte, from netip.AddrPort) {
	p.mu.RLock()
	l := p.addresses[from]
	if l == nil {
		l = p.lines[lineName{userOf(b), from.Addr().Is6()}]
	}
	p.mu.RUnlock()
	if l != nil {
		l.put(b, from)
	}
}

// userOf is our part of the user name in a STUN request, "" when it is none.
func userOf(b []byte) string {
	if !stun.IsMessage(b) {
		return ""
	}
	m := stun.Message{Raw: b}
	if m.Decode() != nil {
		return ""
	}
	name, err := m.Get(stun.AttrUsername)
	if err != nil {
		return ""
	}
	user, _, _ := strings.Cut(string(name), ":")
	return user
}

// GetConn implements ice.UDPMux. The agent asks once for each of its
// candidates.
func (p *port) GetConn(user string, local net.Addr) (net.PacketConn, error) {
	address, ok := local.(*net.UDPAddr)
	if !ok {
		return nil, errNotUDP
	}
	name := lineName{user, address.IP.To4() == nil}
	p.mu.Lock()
	defer p.mu.Unlock()
	select {
	case <-p.closing:
		return nil, net.ErrClosed
	default:
	}
	l := p.lines[name]
	if l == nil {
		l = newLine(p, name)
		p.lines[name] = l
	}
	return l.open(), nil
}

// RemoveConnByUfrag implements ice.UDPMux: what comes for this user name finds
// nobody any more.
func (p *port) RemoveConnByUfrag(user string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, ip6 := range []bool{false, true} {
		if l := p.lines[lineName{user, ip6}]; l != nil {
			p.remove(l)
		}
	}
}

// settle ends the lines of this user to which nothing has come.
func (p *port) settle(user string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, ip6 := range []bool{false, true} {
		if l := p.lines[lineName{user, ip6}]; l != nil && !l.heard.Load() {
			p.remove(l)
			close(l.ended)
		}
	}
}

// remove is called with mu held.
func (p *port) remove(l *line) {
	if p.lines[l.name] == l {
		delete(p.lines, l.name)
	}
	for _, address := range l.addresses {
		if p.addresses[address] == l {
			delete(p.addresses, address)
		}
	}
	l.addresses = nil
}

// register has packets from this address go to l. Of two that write to one
// address, a viewer's old session and its new, the newer gets what comes.
func (p *port) register(l *line, address netip.AddrPort) {
	p.mu.Lock()
	defer p.mu.Unlock()
	known := slices.Contains(l.addresses, address)
	if !known && len(l.addresses) < maxAddresses && p.lines[l.name] == l {
		p.addresses[address] = l
		l.addresses = append(l.addresses, address)
	}
}

// GetListenAddresses implements ice.UDPMux; see offering.
func (p *port) GetListenAddresses() []net.Addr { return []net.Addr{p.conn.LocalAddr()} }

// Close ends all conns, closes the socket and waits for the goroutine.
func (p *port) Close() error {
	var err error
	p.once.Do(func() {
		close(p.closing)
		err = p.conn.Close()
	})
	p.reading.Wait()
	return err
}
