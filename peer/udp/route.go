package udp

import (
	"maps"
	"net/netip"
	"sync"
	"sync/atomic"
)

// Route makes packets to one address join one Batch. All methods may be called
// from any goroutine. It ends with Close.
type Route struct {
	batch       *Batch
	to          target
	dropped     atomic.Uint64
	unsegmented atomic.Bool // the way there takes no segments

	closed bool // guarded by batch.mu
}

// Route makes what is written to an address join this Batch from now on. Of
// two Routes to one address the newer counts, in whichever Batch.
func (b *Batch) Route(addr netip.AddrPort) *Route {
	r := &Route{batch: b, to: target{addr: unmap(addr)}}
	// A zone that is gone by now makes the packets fail, which is counted.
	_ = r.to.resolve()
	b.conn.routes.add(r)
	return r
}

// Dropped counts the packets that were not sent, because the socket was full
// or there is no way to the address.
func (r *Route) Dropped() uint64 { return r.dropped.Load() }

// Close ends the Route. What its Batch holds is sent first, so that no packet
// overtakes it.
func (r *Route) Close() {
	r.batch.conn.routes.remove(r)
	r.batch.close(r)
}

// routes finds the Route of an address, for each packet. It is read without a
// lock, and copied when viewers come and go.
type routes struct {
	table atomic.Pointer[map[netip.AddrPort]*Route]
	mu    sync.Mutex // held to change it
}

func (t *routes) find(addr netip.AddrPort) *Route {
	if table := t.table.Load(); table != nil {
		return (*table)[addr]
	}
	return nil
}

func (t *routes) add(r *Route) {
	t.change(func(table map[netip.AddrPort]*Route) { table[r.to.addr] = r })
}

func (t *routes) remove(r *Route) {
	t.change(func(table map[netip.AddrPort]*Route) {
		if table[r.to.addr] == r {
			delete(table, r.to.addr)
		}
	})
}

func (t *routes) change(f func(map[netip.AddrPort]*Route)) {
	t.mu.Lock()
	defer t.mu.Unlock()
	table := map[netip.AddrPort]*Route{}
	if old := t.table.Load(); old != nil {
		table = maps.Clone(*old)
	}
	f(table)
	t.table.Store(&table)
}
