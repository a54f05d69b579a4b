package udp

import "sync"

// Batch collects the packets of one sender's round. Open and Flush are called
// by that sender, Route by anyone.
type Batch struct {
	conn *Conn

	mu   sync.Mutex
	open bool
	held *held
}

// Open begins to hold what is written to the addresses of the Routes. Opening
// twice is opening once.
func (b *Batch) Open() {
	b.mu.Lock()
	b.open = Way(b.conn.way.Load()) != Single
	b.mu.Unlock()
}

// Flush sends what is held, and holds no more.
func (b *Batch) Flush() {
	b.mu.Lock()
	b.flush()
	b.open = false
	b.mu.Unlock()
}

// join reports whether the packet is held now; if not it is to be sent at once.
func (b *Batch) join(r *Route, p []byte) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.open || r.closed || len(p) == 0 || len(p) > maxRunBytes {
		return false
	}
	if !b.held.add(r, p) {
		b.flush()
		b.held.add(r, p) // an empty one takes any packet
	}
	return true
}

// flush sends what is held. It is called with mu held.
func (b *Batch) flush() { b.held = b.conn.pass(b.held) }

func (b *Batch) close(r *Route) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !r.closed {
		r.closed = true
		b.flush()
	}
}

// maxRunBytes fits into one message over IPv6, with its headers (20 bytes less
// than over IPv4).
const maxRunBytes = 65535 - 40 - 8
