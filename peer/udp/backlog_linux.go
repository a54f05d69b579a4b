package udp

import (
	"slices"
	"sync"
	"time"
)

// The bounds of the backlog. What is beyond them, or older, is dropped: the
// network carries less than what is sent, and a picture that late is of no use.
const (
	maxLate   = 16 // times maxHeld: 2 MiB, a keyframe for a few dozen viewers
	maxLateBy = 300 * time.Millisecond
)

// backlog is what the full socket did not take. Without it a keyframe for all
// viewers would fit only where the kernel grants a large buffer, which Linux
// does not do by itself (net.core.wmem_max is 208 KiB), and always the same
// viewers would go without.
//
// As long as there is something in it, Batches queue up behind; its goroutine
// waits until the socket has room.
type backlog struct {
	mu      sync.Mutex
	waiting []*held // the oldest first, which the goroutine may be sending
	closed  bool
	running sync.WaitGroup // the goroutine, while something is waiting
	spare   sync.Pool
}

// pass sends what is held, now or later, and returns what the Batch goes on
// with.
func (c *Conn) pass(h *held) *held {
	if len(h.runs) == 0 {
		return h
	}
	if c.late.isEmpty() {
		if err := c.raw.Control(h.send); err != nil { // it is closed
			h.lose(false)
		}
		if h.next == len(h.runs) {
			h.reset()
			return h
		}
	}
	return c.late.add(h)
}

func (l *backlog) isEmpty() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.waiting) == 0
}

// add has h wait, and returns an empty one instead.
func (l *backlog) add(h *held) *held {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		h.lose(false)
		h.reset()
		return h
	}
	for _, r := range h.runs[h.next:] {
		h.conn.counts.late.Add(uint64(r.count))
	}
	h.since = h.conn.system.now()
	l.waiting = append(l.waiting, h)
	switch len(l.waiting) {
	case 1:
		l.running.Go(func() { l.run(h.conn) })
	case maxLate + 1:
		oldest := l.waiting[1] // the one before it is being sent
		l.waiting = slices.Delete(l.waiting, 1, 2)
		oldest.lose(true)
		oldest.reset()
		return oldest
	}
	if spare, ok := l.spare.Get().(*held); ok {
		return spare
	}
	return newHeld(h.conn)
}

// run sends what is waiting until nothing is.
func (l *backlog) run(c *Conn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for len(l.waiting) > 0 {
		h := l.waiting[0]
		l.mu.Unlock()
		if c.system.now().Sub(h.since) > maxLateBy {
			h.lose(true)
		} else if err := c.raw.Write(h.transmit); err != nil { // it is closed
			h.lose(false)
		}
		h.reset()
		l.spare.Put(h)
		l.mu.Lock()
		l.waiting = slices.Delete(l.waiting, 0, 1)
	}
}

// close waits for the goroutine, which ends when the socket is closed.
func (l *backlog) close() {
	l.mu.Lock()
	l.closed = true
	l.mu.Unlock()
	l.running.Wait()
}
