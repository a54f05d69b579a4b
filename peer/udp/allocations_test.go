//go:build !race

package udp

import (
	"net/netip"
	"testing"
)

// Nothing is allocated once a sender is at work. The race detector makes
// sync.Pool forget things on purpose.
func TestAllocations(t *testing.T) {
	each(t, func(t *testing.T, c *Conn, at netip.Addr) {
		r, b := newReceiver(t, at), c.NewBatch()
		other := newReceiver(t, at)
		t.Cleanup(b.Route(r.addr).Close)
		p := packet(1, 1160)
		n := testing.AllocsPerRun(100, func() {
			b.Open()
			for range 7 {
				write(t, c, r.addr, p)
			}
			write(t, c, other.addr, p) // at once
			b.Flush()
		})
		if n != 0 {
			t.Errorf("%v allocations for each picture", n)
		}
	})
}
