package mux

import (
	"bytes"
	"errors"
	"io"
	"net"
	"net/netip"
	"testing"

	"github.com/pion/stun/v4"
)

// stranger is a socket that sends to the mux.
type stranger struct {
	*net.UDPConn
	t *testing.T
}

func newStranger(t *testing.T, m *Mux, ip string) *stranger {
	t.Helper()
	conn, err := net.DialUDP("udp", nil, net.UDPAddrFromAddrPort(netip.AddrPortFrom(netip.MustParseAddr(ip), uint16(m.UDPPort()))))
	if err != nil {
		t.Skipf("this machine has no %s: %v", ip, err)
	}
	t.Cleanup(func() { conn.Close() })
	return &stranger{conn, t}
}

func (s *stranger) send(b []byte) {
	s.t.Helper()
	if _, err := s.Write(b); err != nil {
		s.t.Fatal(err)
	}
}

func (s *stranger) address() netip.AddrPort { return s.LocalAddr().(*net.UDPAddr).AddrPort() }

// request is a STUN request for a user.
func request(t *testing.T, user string) []byte {
	t.Helper()
	m, err := stun.Build(stun.BindingRequest, stun.TransactionID, stun.NewUsername(user+":theirs"))
	if err != nil {
		t.Fatal(err)
	}
	return m.Raw
}

func open(t *testing.T, m *Mux, user, ip string) *conn {
	t.Helper()
	c, err := m.UDP(true).GetConn(user, &net.UDPAddr{IP: net.ParseIP(ip), Port: m.UDPPort()})
	if err != nil {
		t.Fatal(err)
	}
	return c.(*conn)
}

func (c *conn) expect(t *testing.T, want []byte, from netip.AddrPort) {
	t.Helper()
	b := make([]byte, 1500)
	n, got, err := c.ReadFromAddrPort(b)
	if err != nil || !bytes.Equal(b[:n], want) || got != from {
		t.Errorf("got %x of %v, %v; want %x of %v", b[:n], got, err, want, from)
	}
}

// TestPacketsFindTheirViewer: by name first, and by address once we have written
// there.
func TestPacketsFindTheirViewer(t *testing.T) {
	for _, ip := range []string{"127.0.0.1", "::1"} {
		t.Run(ip, func(t *testing.T) {
			m := listen(t, Config{TCPPort: TCPOff})
			viewer, other := newStranger(t, m, ip), newStranger(t, m, ip)
			a, b := open(t, m, "a", ip), open(t, m, "b", ip)
			defer a.Close()
			defer b.Close()
			viewer.send([]byte("who is this"))
			viewer.send(request(t, "nobody"))
			byName := request(t, "a")
			viewer.send(byName)
			a.expect(t, byName, viewer.address())
			if _, err := a.WriteToAddrPort([]byte("hello"), viewer.address()); err != nil {
				t.Fatal(err)
			}
			viewer.send([]byte("media"))
			a.expect(t, []byte("media"), viewer.address())
			other.send(request(t, "b"))
			if _, err := b.WriteTo([]byte("hello"), net.UDPAddrFromAddrPort(other.address())); err != nil {
				t.Fatal(err)
			}
			other.send([]byte("more"))
			for _, want := range []string{"", "more"} { // the request, and what came after
				p := make([]byte, 1500)
				n, from, err := b.ReadFrom(p)
				if err != nil || want != "" && string(p[:n]) != want || from.(*net.UDPAddr).AddrPort() != other.address() {
					t.Errorf("%q of %v, %v; want %q", p[:n], from, err, want)
				}
			}
		})
	}
}

// TestNewSessionOfAnAddress: a browser that comes anew from the same address is
// heard by its new session, also while the old one still sends.
func TestNewSessionOfAnAddress(t *testing.T) {
	m := listen(t, Config{TCPPort: TCPOff})
	viewer := newStranger(t, m, "127.0.0.1")
	before, after := open(t, m, "before", "127.0.0.1"), open(t, m, "after", "127.0.0.1")
	for _, c := range []*conn{before, after, before} {
		if _, err := c.WriteToAddrPort([]byte("x"), viewer.address()); err != nil {
			t.Fatal(err)
		}
	}
	viewer.send([]byte("1"))
	after.expect(t, []byte("1"), viewer.address())
	if err := before.Close(); err != nil {
		t.Error(err)
	}
	viewer.send([]byte("2"))
	after.expect(t, []byte("2"), viewer.address())
	if err := after.Close(); err != nil {
		t.Error(err)
	}
	if len(m.udp.lines) != 0 || len(m.udp.addresses) != 0 {
		t.Errorf("%d lines and %d addresses are left", len(m.udp.lines), len(m.udp.addresses))
	}
}

// TestOneReader: of an agent's candidates one reads, and all can write.
func TestOneReader(t *testing.T) {
	m := listen(t, Config{TCPPort: TCPOff})
	first, second := open(t, m, "a", "127.0.0.1"), open(t, m, "a", "192.0.2.1")
	if _, _, err := second.ReadFromAddrPort(nil); !errors.Is(err, io.EOF) {
		t.Errorf("the second reads: %v", err)
	}
	viewer := newStranger(t, m, "127.0.0.1")
	if _, err := second.WriteToAddrPort([]byte("x"), viewer.address()); err != nil {
		t.Fatal(err)
	}
	viewer.send([]byte("1"))
	first.expect(t, []byte("1"), viewer.address())
	if err := second.Close(); err != nil {
		t.Error(err)
	}
	if _, err := second.WriteToAddrPort([]byte("x"), viewer.address()); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("write to a closed conn: %v", err)
	}
	viewer.send([]byte("2"))
	first.expect(t, []byte("2"), viewer.address())

	ended := make(chan error)
	go func() {
		_, _, err := first.ReadFromAddrPort(nil)
		ended <- err
	}()
	if err := first.Close(); err != nil {
		t.Error(err)
	}
	if err := <-ended; !errors.Is(err, io.EOF) {
		t.Errorf("a read when the conn closes: %v", err)
	}
}

// TestSettle: when a viewer has come over IPv4, nobody waits for it over IPv6 or
// TCP.
func TestSettle(t *testing.T) {
	m := listen(t, Config{})
	ip4, ip6 := open(t, m, "a", "127.0.0.1"), open(t, m, "a", "::1")
	defer ip4.Close()
	defer ip6.Close()
	tcp, err := m.TCP().GetConnByUfrag("a", false, net.IPv4(127, 0, 0, 1))
	if err != nil {
		t.Fatal(err)
	}
	defer tcp.Close()
	from := netip.MustParseAddrPort("192.0.2.1:9")
	hello := request(t, "a")
	m.udp.deliver(hello, from)
	m.Settle("a")
	ip4.expect(t, hello, from)
	if _, _, err := ip6.ReadFromAddrPort(nil); !errors.Is(err, io.EOF) {
		t.Errorf("IPv6: %v", err)
	}
	if _, _, err := tcp.ReadFrom(nil); err == nil {
		t.Error("TCP goes on")
	}
	m.udp.deliver(hello, from)
	ip4.expect(t, hello, from)
	m.Settle("nobody")
}

// TestFlood: who sends more than the agent takes loses it, and nothing grows.
func TestFlood(t *testing.T) {
	m := listen(t, Config{TCPPort: TCPOff})
	c := open(t, m, "a", "127.0.0.1")
	defer c.Close()
	from := netip.MustParseAddrPort("192.0.2.1:9")
	for range 10 * lineLength {
		m.udp.deliver(request(t, "a"), from)
	}
	if n := len(c.line.packets); n != lineLength {
		t.Errorf("%d packets wait, want %d", n, lineLength)
	}
	for port := range uint16(10 * maxAddresses) {
		m.udp.register(c.line, netip.AddrPortFrom(from.Addr(), port))
	}
	if n := len(m.udp.addresses); n != maxAddresses {
		t.Errorf("%d addresses, want %d", n, maxAddresses)
	}
}

func TestClosedPort(t *testing.T) {
	m := listen(t, Config{TCPPort: TCPOff})
	c := open(t, m, "a", "127.0.0.1")
	if err := m.Close(); err != nil {
		t.Error(err)
	}
	if _, _, err := c.ReadFromAddrPort(nil); !errors.Is(err, io.EOF) {
		t.Errorf("read: %v", err)
	}
	if _, err := m.UDP(true).GetConn("b", &net.UDPAddr{}); !errors.Is(err, net.ErrClosed) {
		t.Errorf("another conn: %v", err)
	}
}

func FuzzDeliver(f *testing.F) {
	m, err := Listen(Config{TCPPort: TCPOff})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { m.Close() })
	good, err := stun.Build(stun.BindingRequest, stun.TransactionID, stun.NewUsername("a:b"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good.Raw)
	f.Add(good.Raw[:22])
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, b []byte) {
		m.udp.deliver(b, netip.MustParseAddrPort("192.0.2.1:9"))
		m.udp.deliver(b, netip.MustParseAddrPort("[2001:db8::1]:9"))
	})
}
