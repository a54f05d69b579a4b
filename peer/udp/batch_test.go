package udp

import (
	"encoding/binary"
	"net"
	"net/netip"
	"slices"
	"sync"
	"testing"
)

// repeat is so many packets of one size.
func repeat(count, bytes int) []int { return slices.Repeat([]int{bytes}, count) }

// TestOrder sends rounds of packets to several receivers in turn.
func TestOrder(t *testing.T) {
	cases := []struct {
		name  string
		sizes []int
	}{
		{"a picture", repeat(7, 1160)},
		{"last smaller", append(repeat(6, 1160), 870)},
		{"one", []int{1160}},
		{"mixed", []int{1160, 1160, 500, 1160, 1160, 20, 20, 21, 1, 1160}},
		{"growing", []int{100, 200, 300, 300, 400}},
		{"beyond the segments", repeat(150, 100)},
		{"beyond the messages", slices.Repeat([]int{10, 20}, 80)},
		{"beyond the buffer", repeat(130, 1200)},
		{"large", []int{40000, 40000, 40000, 20000}},
		{"largest", []int{maxRunBytes, 100, maxRunBytes, 100}},
	}
	each(t, func(t *testing.T, c *Conn, at netip.Addr) {
		b := c.NewBatch()
		for _, tt := range cases {
			for receivers := 1; receivers <= 3; receivers += 2 {
				var to []receiver
				for range receivers {
					r := newReceiver(t, at)
					t.Cleanup(b.Route(r.addr).Close)
					to = append(to, r)
				}
				want := make([][][]byte, receivers)
				b.Open()
				for i, bytes := range tt.sizes {
					// Runs of three packets to each receiver.
					k := i / 3 % receivers
					p := packet(i, bytes)
					want[k] = append(want[k], slices.Clone(p))
					write(t, c, to[k].addr, p)
					clear(p) // the buffer is the writer's again
				}
				b.Flush()
				for k, r := range to {
					r.want(t, want[k]...)
				}
			}
			if got := c.Stats(); got.Full+got.Failed+got.Unsegmented != 0 {
				t.Fatalf("%s: %+v", tt.name, got)
			}
		}
	})
}

func TestCalls(t *testing.T) {
	const receivers, packets = 16, 7
	want := map[Way]uint64{Segmented: 1, Several: 1, Single: receivers * packets}
	each(t, func(t *testing.T, c *Conn, at netip.Addr) {
		b := c.NewBatch()
		b.Open()
		for range receivers {
			r := newReceiver(t, at)
			b.Route(r.addr)
			for i := range packets {
				write(t, c, r.addr, packet(i, 1160))
			}
		}
		way := Way(c.way.Load())
		if n := c.Stats().Calls; way != Single && n != 0 {
			t.Errorf("%d calls before Flush", n)
		}
		b.Flush()
		if got := c.Stats(); got.Calls != want[way] || got.Packets != receivers*packets || got.Bytes != receivers*packets*1160 {
			t.Errorf("%+v", got)
		}
		b.Flush() // holds nothing
		if n := c.Stats().Calls; n != want[way] {
			t.Errorf("%d calls", n)
		}
	})
}

// A packet after Close must not overtake those that the Batch held.
func TestRouteClose(t *testing.T) {
	each(t, func(t *testing.T, c *Conn, at netip.Addr) {
		r, b := newReceiver(t, at), c.NewBatch()
		route := b.Route(r.addr)
		b.Open()
		write(t, c, r.addr, packet(1, 100))
		write(t, c, r.addr, packet(2, 100))
		route.Close()
		write(t, c, r.addr, packet(3, 100))
		r.want(t, packet(1, 100), packet(2, 100), packet(3, 100))
		route.Close()
		b.Flush()
		if c.routes.find(r.addr) != nil || route.Dropped() != 0 {
			t.Error("still there")
		}
	})
}

func TestRouteReplaced(t *testing.T) {
	c := open(t)
	r, first, second := newReceiver(t, families[0].receiver), c.NewBatch(), c.NewBatch()
	older := first.Route(r.addr)
	newer := second.Route(netip.AddrPortFrom(netip.AddrFrom16(r.addr.Addr().As16()), r.addr.Port())) // the same, mapped
	if c.routes.find(r.addr) != newer {
		t.Error("the older Route counts")
	}
	older.Close()
	if c.routes.find(r.addr) != newer {
		t.Error("the older Route has taken the newer one along")
	}
	newer.Close()
	if c.routes.find(r.addr) != nil {
		t.Error("still there")
	}
}

// TestConcurrent has others write to the same addresses while two senders work.
func TestConcurrent(t *testing.T) {
	const writers, packets = 4, 60
	each(t, func(t *testing.T, c *Conn, at netip.Addr) {
		var to []receiver
		var running, sending sync.WaitGroup
		stop := make(chan struct{})
		for range 2 {
			b := c.NewBatch()
			r := newReceiver(t, at)
			to = append(to, r)
			t.Cleanup(b.Route(r.addr).Close)
			sending.Go(func() {
				for {
					b.Open()
					b.Flush()
					other := b.Route(netip.AddrPortFrom(at, 9)) // viewers come and go
					other.Close()
					select {
					case <-stop:
						return
					default:
					}
				}
			})
		}
		for writer := range writers {
			running.Go(func() {
				for i := range packets {
					p := make([]byte, 100+i%2)
					p[0] = byte(writer)
					binary.BigEndian.PutUint16(p[1:], uint16(i))
					for _, r := range to {
						if n, err := c.WriteToAddrPort(p, r.addr); n != len(p) || err != nil {
							t.Error(n, err)
						}
					}
				}
			})
		}
		running.Wait()
		close(stop)
		sending.Wait()
		for _, r := range to {
			var next [writers]uint16
			p := make([]byte, 200)
			for range writers * packets {
				n, err := r.Read(p)
				if err != nil {
					t.Fatal(err)
				}
				serial := binary.BigEndian.Uint16(p[1:])
				if want := next[p[0]]; serial != want || n != 100+int(serial)%2 {
					t.Fatalf("writer %d: packet %d of %d bytes, want %d", p[0], serial, n, want)
				}
				next[p[0]]++
			}
		}
	})
}

func TestZone(t *testing.T) {
	interfaces, err := net.Interfaces()
	if err != nil {
		t.Fatal(err)
	}
	loopback := slices.IndexFunc(interfaces, func(i net.Interface) bool { return i.Flags&net.FlagLoopback != 0 })
	for zone, want := range map[string]uint32{"": 0, "77": 77, interfaces[loopback].Name: uint32(interfaces[loopback].Index)} {
		to := target{addr: netip.AddrPortFrom(netip.IPv6Loopback().WithZone(zone), 1)}
		if err := to.resolve(); err != nil || to.zone != want {
			t.Errorf("zone %q is %d, %v", zone, to.zone, err)
		}
		var s sockaddr
		s.set(to, false)
		if s.six.ZoneId != want {
			t.Errorf("zone %q is sent to %d", zone, s.six.ZoneId)
		}
	}
}
