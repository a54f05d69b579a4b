package ws

import (
	"math/rand/v2"
	"time"
)

const (
	backoffMin = 250 * time.Millisecond
	backoffMax = 10 * time.Second
)

// backoff is how long to wait between attempts to connect. The zero value is
// for the first.
type backoff struct {
	last time.Duration
}

// next is twice what it was the last time, at most backoffMax, less a random
// part: what a restart has cut off together shall not come back together.
func (b *backoff) next() time.Duration {
	b.last = min(max(2*b.last, backoffMin), backoffMax)
	return b.last/2 + rand.N(b.last/2)
}

// reset makes the next attempt the first again.
func (b *backoff) reset() { b.last = 0 }
