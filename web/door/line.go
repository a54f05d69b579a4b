package door

import (
	"context"
	"errors"
	"net/netip"
	"slices"
	"time"
)

// How hashes are kept from disturbing anything else.
const (
	restFactor  = 3                // of a wrong hash's time, before the next
	maxWaiting  = 16               // secrets that wait for a hash
	maxWaitingA = 4                // and of one address
	longestTurn = 10 * time.Second // that one waits
)

// line is of those who wait for their turn to hash, who is next first: who is
// near, then whose address has failed less, then who came first. So nobody at
// home stands behind thousands who guess from elsewhere. Its owner guards it.
type line struct {
	busy    bool // somebody hashes, or there is a rest
	waiting []*turn
}

// turn is one who waits.
type turn struct {
	from     netip.Prefix
	near     bool
	failures int
	begun    chan struct{} // closed at the end of waiting
	lost     bool          // by then: another has taken the place
}

// before reports whether t comes before one who is there already.
func (t *turn) before(other *turn) bool {
	if t.near != other.near {
		return t.near
	}
	return t.failures < other.failures
}

// join gives t its place, for which the last may have to go. It reports whether
// there is one.
func (l *line) join(t *turn) bool {
	same := 0
	for _, other := range l.waiting {
		if other.from == t.from {
			same++
		}
	}
	if same >= maxWaitingA {
		return false
	}
	if last := len(l.waiting) - 1; len(l.waiting) >= maxWaiting {
		if !t.before(l.waiting[last]) {
			return false
		}
		l.waiting[last].lost = true
		close(l.waiting[last].begun)
		l.waiting = l.waiting[:last]
	}
	at := slices.IndexFunc(l.waiting, t.before)
	if at < 0 {
		at = len(l.waiting)
	}
	l.waiting = slices.Insert(l.waiting, at, t)
	return true
}

// leave reports whether t still waited.
func (l *line) leave(t *turn) bool {
	at := slices.Index(l.waiting, t)
	if at < 0 {
		return false
	}
	l.waiting = slices.Delete(l.waiting, at, at+1)
	return true
}

// next begins the turn of who is first.
func (l *line) next() {
	if l.busy = len(l.waiting) > 0; l.busy {
		close(l.waiting[0].begun)
		l.waiting = slices.Delete(l.waiting, 0, 1)
	}
}

// enqueue returns nil when it is the caller's turn to hash, which endTurn ends.
func (d *Door) enqueue(ctx context.Context, from netip.Prefix, near bool) error {
	d.mu.Lock()
	if !d.line.busy {
		d.line.busy = true
		d.mu.Unlock()
		return nil
	}
	t := &turn{from: from, near: near, failures: d.limiter.tries[from].failures, begun: make(chan struct{})}
	joined := d.line.join(t)
	d.mu.Unlock()
	if !joined {
		return &Refusal{Wait: firstWait}
	}
	ctx, cancel := context.WithTimeout(ctx, longestTurn)
	defer cancel()
	select {
	case <-t.begun:
		if t.lost {
			return &Refusal{Wait: firstWait}
		}
		return nil
	case <-ctx.Done():
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.line.leave(t) && !t.lost { // its turn has begun just now
		d.line.next()
	}
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return &Refusal{Wait: firstWait}
	}
	return ctx.Err()
}

// endTurn lets the next one hash, after a rest.
func (d *Door) endTurn(rest time.Duration) {
	next := func() {
		d.mu.Lock()
		defer d.mu.Unlock()
		d.line.next()
	}
	if rest > 0 {
		time.AfterFunc(rest, next) // who is first then, has come until then
		return
	}
	next()
}
