package udp

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// family is a kind of socket, and the address at which its receivers are.
type family struct {
	name, listen string
	receiver     netip.Addr
}

var families = []family{
	{"IPv4", "127.0.0.1", netip.AddrFrom4([4]byte{127, 0, 0, 1})},
	{"IPv6", "::1", netip.IPv6Loopback()},
	{"IPv4 over both", "::", netip.AddrFrom4([4]byte{127, 0, 0, 1})},
	{"IPv6 over both", "::", netip.IPv6Loopback()},
}

// each runs a test over all ways and families that this machine has.
func each(t *testing.T, f func(t *testing.T, c *Conn, receiver netip.Addr)) {
	for _, family := range families {
		for way := Segmented; way <= Single; way++ {
			t.Run(family.name+"/"+way.String(), func(t *testing.T) {
				socket, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.ParseIP(family.listen)})
				if err != nil && family.receiver.Is6() {
					t.Skip("no IPv6 here:", err)
				}
				if err != nil {
					t.Fatal(err)
				}
				c := wrap(t, socket)
				if best := Way(c.way.Load()); best > way {
					t.Skip("this system's best way is", best)
				}
				c.way.Store(uint32(way))
				f(t, c, family.receiver)
			})
		}
	}
}

func wrap(t testing.TB, socket *net.UDPConn) *Conn {
	t.Helper()
	c, err := New(socket)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
			t.Error(err)
		}
	})
	return c
}

// open makes a Conn on IPv4 loopback, which sends in this system's best way.
func open(t testing.TB) *Conn {
	t.Helper()
	socket, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	return wrap(t, socket)
}

// receiver is a viewer's socket.
type receiver struct {
	*net.UDPConn
	addr netip.AddrPort
}

func newReceiver(t testing.TB, at netip.Addr) receiver {
	t.Helper()
	socket, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(netip.AddrPortFrom(at, 0)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = socket.Close() })
	_ = socket.SetReadBuffer(4 << 20)
	_ = socket.SetReadDeadline(time.Now().Add(20 * time.Second)) // only ever seen when packets are missing
	return receiver{socket, unmap(socket.LocalAddr().(*net.UDPAddr).AddrPort())}
}

// want reads packets and compares them.
func (r receiver) want(t testing.TB, packets ...[]byte) {
	t.Helper()
	p := make([]byte, 1<<16)
	for i, want := range packets {
		n, err := r.Read(p)
		if err != nil {
			t.Fatalf("packet %d of %d: %v", i, len(packets), err)
		}
		if string(p[:n]) != string(want) {
			t.Fatalf("packet %d of %d: %d bytes %.8x…, want %d bytes %.8x…", i, len(packets), n, p[:n], len(want), want)
		}
	}
}

// packet is so many bytes that no other packet has.
func packet(serial, bytes int) []byte {
	p := make([]byte, bytes)
	for i := range p {
		p[i] = byte(serial + i)
	}
	copy(p, fmt.Sprint(serial, " "))
	return p
}

func write(t testing.TB, c *Conn, to netip.AddrPort, p []byte) {
	t.Helper()
	n, err := c.WriteToAddrPort(p, to)
	if err != nil || n != len(p) {
		t.Fatalf("write of %d bytes to %v: %d, %v", len(p), to, n, err)
	}
}

func TestAtOnce(t *testing.T) {
	each(t, func(t *testing.T, c *Conn, at netip.Addr) {
		r, b := newReceiver(t, at), c.NewBatch()
		write(t, c, r.addr, packet(1, 100)) // no Route
		route := b.Route(r.addr)
		write(t, c, r.addr, packet(2, 100)) // not open
		b.Open()
		b.Flush()
		write(t, c, r.addr, packet(3, 100)) // no longer open
		b.Open()
		route.Close()
		write(t, c, r.addr, packet(4, 100)) // no longer routed
		if n, err := c.WriteTo(packet(5, 100), net.UDPAddrFromAddrPort(r.addr)); n != 100 || err != nil {
			t.Error(n, err)
		}
		r.want(t, packet(1, 100), packet(2, 100), packet(3, 100), packet(4, 100), packet(5, 100))
		if got := c.Stats(); got.Calls != 5 || got.Packets != 5 || got.Bytes != 500 {
			t.Errorf("%+v", got)
		}
		b.Flush()
	})
}

func TestRead(t *testing.T) {
	each(t, func(t *testing.T, c *Conn, at netip.Addr) {
		r := newReceiver(t, at)
		to := netip.AddrPortFrom(at, c.LocalAddr().(*net.UDPAddr).AddrPort().Port())
		for serial := range 2 {
			if _, err := r.WriteToUDPAddrPort(packet(serial, 50), to); err != nil {
				t.Fatal(err)
			}
		}
		p := make([]byte, 100)
		n, from, err := c.ReadFromAddrPort(p)
		if string(p[:n]) != string(packet(0, 50)) || unmap(from) != r.addr || err != nil {
			t.Error(p[:n], from, err)
		}
		n, addr, err := c.ReadFrom(p)
		if string(p[:n]) != string(packet(1, 50)) || unmap(addr.(*net.UDPAddr).AddrPort()) != r.addr || err != nil {
			t.Error(p[:n], addr, err)
		}
	})
}

func TestClose(t *testing.T) {
	c := open(t)
	r, b := newReceiver(t, families[0].receiver), c.NewBatch()
	route := b.Route(r.addr)
	reading := make(chan error)
	go func() {
		_, _, err := c.ReadFromAddrPort(make([]byte, 10))
		reading <- err
	}()
	b.Open()
	held := Way(c.way.Load()) != Single
	if held {
		write(t, c, r.addr, packet(1, 10))
	}
	if err := c.Close(); err != nil {
		t.Error(err)
	}
	if err := <-reading; !errors.Is(err, net.ErrClosed) {
		t.Error("read:", err)
	}
	b.Flush()
	if got := route.Dropped(); held && got != 1 {
		t.Errorf("%d dropped, want the one that was held", got)
	}
	if _, err := c.WriteToAddrPort(packet(2, 10), r.addr); !errors.Is(err, net.ErrClosed) {
		t.Error("write:", err)
	}
	if err := c.Close(); !errors.Is(err, net.ErrClosed) {
		t.Error("close again:", err)
	}
	route.Close()
}

// The ICE library sets a deadline in the past to get writers out that wait.
// None do, so it must not cost packets of others.
func TestDeadlines(t *testing.T) {
	c := open(t)
	r := newReceiver(t, families[0].receiver)
	past := time.Unix(1, 0)
	if err := c.SetWriteDeadline(past); err != nil {
		t.Error(err)
	}
	write(t, c, r.addr, packet(1, 10))
	b := c.NewBatch()
	b.Route(r.addr)
	b.Open()
	write(t, c, r.addr, packet(2, 10))
	b.Flush()
	r.want(t, packet(1, 10), packet(2, 10))
	for name, set := range map[string]func(time.Time) error{"read": c.SetReadDeadline, "both": c.SetDeadline} {
		if err := set(past); err != nil {
			t.Error(err)
		}
		if _, _, err := c.ReadFromAddrPort(make([]byte, 10)); !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("%s deadline: %v", name, err)
		}
	}
}

func TestErrors(t *testing.T) {
	c := open(t)
	if _, err := c.WriteTo([]byte("x"), &net.TCPAddr{}); err == nil {
		t.Error("sent to a TCP address")
	}
	ip6 := netip.AddrPortFrom(netip.IPv6Loopback(), 1)
	if _, err := c.WriteToAddrPort([]byte("x"), ip6); err == nil {
		t.Error("an IPv4 socket sent to IPv6")
	}
	nowhere := netip.AddrPortFrom(netip.IPv6Loopback().WithZone("none0"), 1)
	if _, err := c.WriteToAddrPort([]byte("x"), nowhere); err == nil {
		t.Error("sent to an interface that is not there")
	}
	to := newReceiver(t, families[0].receiver).addr
	if _, err := c.WriteToAddrPort(make([]byte, 1<<16), to); err == nil {
		t.Error("sent 64 KiB in one packet")
	}
	if got := c.Stats(); got.Failed != 2 || got.Packets != 0 {
		t.Errorf("%+v", got)
	}
}

func TestBuffers(t *testing.T) {
	const asked = 100 << 10 // any system grants that
	send, receive := open(t).SetBuffers(asked)
	if send < asked || receive < asked {
		t.Errorf("granted %d and %d bytes of %d", send, receive, asked)
	}
}

func TestWays(t *testing.T) {
	for way, want := range map[Way]string{Segmented: "segmented", Several: "several", Single: "single", 9: "unknown"} {
		if got := way.String(); got != want {
			t.Errorf("%d is %q", way, got)
		}
	}
}
