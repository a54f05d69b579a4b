package door

import (
	"net/netip"
	"time"
)

// What failures cost. A person's typing errors cost nothing.
const (
	freeFailures = 4
	firstWait    = time.Second
	longestWait  = 5 * time.Minute
	memory       = 15 * time.Minute // after the wait, until failures are forgotten
	maxAddresses = 4096             // remembered at a time
)

// limiter counts failures by address. Its owner guards it.
type limiter struct {
	tries map[netip.Prefix]tries
}

type tries struct {
	failures int
	until    time.Time // the address has to wait
	forget   time.Time
}

// Network is what counts as one host: an IPv6 one has 64 bits to choose from.
func Network(a netip.Addr) netip.Prefix {
	a = a.Unmap().WithZone("")
	prefix, _ := a.Prefix(min(a.BitLen(), 64)) // those that have no address are one
	return prefix
}

// wait is how long the address has to wait now, 0 for not at all.
func (l *limiter) wait(from netip.Prefix, now time.Time) time.Duration {
	return max(0, l.tries[from].until.Sub(now))
}

// fail counts a failure and returns how long the address has to wait for it.
func (l *limiter) fail(from netip.Prefix, now time.Time) time.Duration {
	t := l.tries[from]
	if now.After(t.forget) {
		t = tries{}
		l.makeRoom(from, now)
	}
	t.failures++
	wait := waitAfter(t.failures)
	t.until = now.Add(wait)
	t.forget = t.until.Add(memory)
	l.tries[from] = t
	return wait
}

// waitAfter doubles with each failure.
func waitAfter(failures int) time.Duration {
	n := failures - freeFailures
	switch {
	case n < 1:
		return 0
	case n > 16:
		return longestWait
	}
	return min(firstWait<<(n-1), longestWait)
}

// makeRoom forgets those whose time has come, or the one whose is next.
func (l *limiter) makeRoom(newcomer netip.Prefix, now time.Time) {
	if _, known := l.tries[newcomer]; known || len(l.tries) < maxAddresses {
		return
	}
	var next netip.Prefix
	var at time.Time
	for from, t := range l.tries {
		if now.After(t.forget) {
			delete(l.tries, from)
			continue
		}
		if at.IsZero() || t.forget.Before(at) {
			next, at = from, t.forget
		}
	}
	if len(l.tries) >= maxAddresses {
		delete(l.tries, next)
	}
}
