package udp

import (
	"encoding/binary"
	"errors"
	"net/netip"
	"slices"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"
)

// refuse puts a kernel in front of the real one that refuses some messages.
func refuse(c *Conn, why func(m *message) error) {
	c.system.sendmmsg = func(fd int, messages []message) (int, error) {
		for i := range messages {
			if err := why(&messages[i]); err != nil {
				if i == 0 {
					return 0, err
				}
				return sendmmsg(fd, messages[:i])
			}
		}
		return sendmmsg(fd, messages)
	}
}

func messagePort(m *message) uint16 {
	// At the same place in both families.
	name := unsafe.Slice(m.header.Name, 4)
	return binary.BigEndian.Uint16(name[2:])
}

func sendtoPort(addr unix.Sockaddr) uint16 {
	switch a := addr.(type) {
	case *unix.SockaddrInet4:
		return uint16(a.Port)
	case *unix.SockaddrInet6:
		return uint16(a.Port)
	}
	return 0
}

// TestFull has a queue behind the socket without room for one viewer's packets.
func TestFull(t *testing.T) {
	each(t, func(t *testing.T, c *Conn, at netip.Addr) {
		b := c.NewBatch()
		var to []receiver
		var routes []*Route
		for range 3 {
			r := newReceiver(t, at)
			to, routes = append(to, r), append(routes, b.Route(r.addr))
		}
		full := routes[1].to.addr.Port()
		refuse(c, func(m *message) error {
			if messagePort(m) == full {
				return unix.ENOBUFS
			}
			return nil
		})
		c.system.sendto = func(fd int, p []byte, addr unix.Sockaddr) error {
			if sendtoPort(addr) == full {
				return unix.ENOBUFS
			}
			return sendto(fd, p, addr)
		}
		b.Open()
		for i := range 7 {
			for _, r := range to {
				write(t, c, r.addr, packet(i, 1160))
			}
		}
		b.Flush()
		for _, r := range []receiver{to[0], to[2]} {
			for i := range 7 {
				r.want(t, packet(i, 1160))
			}
		}
		for i, want := range []uint64{0, 7, 0} {
			if got := routes[i].Dropped(); got != want {
				t.Errorf("viewer %d: %d dropped, want %d", i, got, want)
			}
		}
		if got := c.Stats(); got.Full != 7 || got.Failed != 0 || got.Packets != 14 {
			t.Errorf("%+v", got)
		}
	})
}

// TestFullAtOnce has no room for packets that do not come in a Batch.
func TestFullAtOnce(t *testing.T) {
	c := open(t)
	r := newReceiver(t, families[0].receiver)
	c.system.sendto = func(int, []byte, unix.Sockaddr) error { return unix.EAGAIN }
	write(t, c, r.addr, packet(1, 100))
	route := c.NewBatch().Route(r.addr)
	write(t, c, r.addr, packet(2, 100))
	if got := c.Stats(); got.Full != 2 || got.Failed != 0 || route.Dropped() != 1 {
		t.Errorf("%+v, %d dropped", got, route.Dropped())
	}
}

// TestUnsegmented has a device that takes no segments on the way to one viewer.
func TestUnsegmented(t *testing.T) {
	for _, why := range []error{unix.EIO, unix.EINVAL, unix.EMSGSIZE} {
		c := open(t)
		if Way(c.way.Load()) != Segmented {
			t.Skip("this kernel has no UDP_SEGMENT")
		}
		b := c.NewBatch()
		good, bad := newReceiver(t, families[0].receiver), newReceiver(t, families[0].receiver)
		t.Cleanup(b.Route(good.addr).Close)
		t.Cleanup(b.Route(bad.addr).Close)
		tried, known := 0, 0
		refuse(c, func(m *message) error {
			if m.header.Control != nil && messagePort(m) == bad.addr.Port() {
				tried++
				return why
			}
			return nil
		})
		for round := range 2 {
			b.Open()
			var want [][]byte
			for i := range 20 {
				p := packet(round*100+i, 1160-i/19)
				write(t, c, good.addr, p)
				write(t, c, bad.addr, p)
				write(t, c, bad.addr, p)
				want = append(want, p)
			}
			b.Flush()
			good.want(t, want...)
			for _, p := range want {
				bad.want(t, p, p)
			}
			if round == 0 {
				known = tried
			}
		}
		if got := c.Stats(); got.Unsegmented != 1 || got.Full+got.Failed != 0 || got.Packets != 120 {
			t.Errorf("%v: %+v", why, got)
		}
		if known == 0 || tried != known {
			t.Errorf("%v: %d tries before it was known, %d after", why, known, tried-known)
		}
	}
}

// TestNoSendmmsg has a sandbox that does not know the call.
func TestNoSendmmsg(t *testing.T) {
	c := open(t)
	r, b := newReceiver(t, families[0].receiver), c.NewBatch()
	t.Cleanup(b.Route(r.addr).Close)
	refuse(c, func(*message) error { return unix.ENOSYS })
	var want [][]byte
	for round := range 2 {
		b.Open()
		for i, bytes := range slices.Repeat([]int{1000, 1000, 200}, 30) {
			p := packet(round*100+i, bytes)
			want = append(want, p)
			write(t, c, r.addr, p)
		}
		b.Flush()
	}
	r.want(t, want...)
	if got := c.Stats(); got.Way != Single || got.Packets != 180 || got.Full+got.Failed != 0 {
		t.Errorf("%+v", got)
	}
}

// TestFailed has no way to one viewer for a while.
func TestFailed(t *testing.T) {
	c := open(t)
	r, gone, b := newReceiver(t, families[0].receiver), newReceiver(t, families[0].receiver), c.NewBatch()
	lost, fine := b.Route(gone.addr), b.Route(r.addr)
	reachable := false
	refuse(c, func(m *message) error {
		if messagePort(m) == gone.addr.Port() && !reachable {
			return unix.ENETUNREACH
		}
		return nil
	})
	for range 2 {
		b.Open()
		for i := range 3 {
			write(t, c, gone.addr, packet(i, 500))
		}
		write(t, c, r.addr, packet(9, 500))
		b.Flush()
		r.want(t, packet(9, 500))
		reachable = true
	}
	gone.want(t, packet(0, 500), packet(1, 500), packet(2, 500))
	if lost.Dropped() != 3 || fine.Dropped() != 0 {
		t.Errorf("dropped %d and %d", lost.Dropped(), fine.Dropped())
	}
	if got := c.Stats(); got.Failed != 3 || got.Full != 0 || got.Unsegmented != 0 {
		t.Errorf("%+v", got)
	}
	// At once, the error is the writer's.
	c.system.sendto = func(int, []byte, unix.Sockaddr) error { return unix.ENETUNREACH }
	if _, err := c.WriteToAddrPort(packet(1, 10), gone.addr); !errors.Is(err, unix.ENETUNREACH) {
		t.Error(err)
	}
	if lost.Dropped() != 4 {
		t.Errorf("dropped %d", lost.Dropped())
	}
}
