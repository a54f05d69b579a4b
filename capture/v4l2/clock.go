package v4l2

import "time"

// clock turns the timestamps of buffers, which are by CLOCK_MONOTONIC, into
// time.Time. One goroutine uses it.
//
// Go's own monotonic clock is that same clock, from another zero: the distance
// between the two is constant, and measured once, so that the times of
// pictures have no jitter but the camera's. The wall clock is read each time, as
// it may be set at any moment; on a machine without a battery it jumps by years
// when the network comes.
type clock struct {
	at   time.Time // of Go's clocks when
	mono time.Duration
	last time.Time // told
}

const (
	// maxAge is how old a picture may be when it is read; older ones have a
	// timestamp of another clock.
	maxAge = 5 * time.Second
	// maxAhead forgives drivers that compute the end of an exposure instead of
	// waiting for it: vivid is most of an interval ahead. Times that are even are
	// worth more than a few milliseconds.
	maxAhead = 250 * time.Millisecond
)

// newClock reads both clocks a few times and keeps the pair that was read
// fastest: in between, the machine may do something else.
func newClock(monotonic func() time.Duration) clock {
	var c clock
	best := time.Duration(-1)
	for range 5 {
		before := monotonic()
		at := time.Now()
		took := monotonic() - before
		if best < 0 || took < best {
			best = took
			c.at, c.mono = at, before+took/2
		}
	}
	return c
}

// time returns when a picture was taken, and false when the stamp cannot be
// true: then it is now.
func (c *clock) time(stamp time.Duration) (time.Time, bool) {
	now := time.Now()
	// All by the monotonic clock.
	age := now.Sub(c.at) - (stamp - c.mono)
	t := now.Add(-age)
	if age > maxAge || age < -maxAhead || !t.After(c.last) {
		c.last = now
		return now, false
	}
	c.last = t
	return t, true
}

// now is the time of a picture whose driver does not say.
func (c *clock) now() time.Time {
	c.last = time.Now()
	return c.last
}
