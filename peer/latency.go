package peer

import (
	"math/bits"
	"sync/atomic"
	"time"
)

// latencies is how long pictures were under way within this program, roughly:
// as counts in buckets that are a quarter wider each. One goroutine adds and
// fades; any may ask.
type latencies [latencyBuckets]atomic.Uint32

const (
	// latencySteps buckets make a doubling.
	latencySteps = 4
	// From 64 µs, which is the first bucket's end, to 4 s.
	latencyUnit    = 64 * time.Microsecond
	latencyBuckets = 17*latencySteps + 1
)

// latencyBucket is where d is counted: the first latencySteps buckets are as
// wide as latencyUnit/latencySteps each, and from there each doubling has as
// many.
func latencyBucket(d time.Duration) int {
	n := uint64(max(0, d)) * latencySteps / uint64(latencyUnit)
	if n < latencySteps {
		return int(n)
	}
	doublings := bits.Len64(n) - bits.Len64(latencySteps)
	return min(doublings*latencySteps+int(n>>doublings), latencyBuckets-1)
}

// latencyOf is the upper end of a bucket.
func latencyOf(bucket int) time.Duration {
	doublings := max(0, bucket/latencySteps-1)
	n := uint64(bucket-doublings*latencySteps+1) << doublings
	return time.Duration(n) * latencyUnit / latencySteps
}

func (l *latencies) add(d time.Duration) { l[latencyBucket(d)].Add(1) }

// fade halves all counts, so that what was long ago counts less and less.
func (l *latencies) fade() {
	for i := range l {
		if n := l[i].Load(); n > 0 {
			l[i].Store(n / 2)
		}
	}
}

// quantile is the time that the share q of the pictures took at most, to a
// quarter; 0 when nothing was counted.
func (l *latencies) quantile(q float64) time.Duration {
	var counts [latencyBuckets]uint32
	total := uint64(0)
	for i := range l {
		counts[i] = l[i].Load()
		total += uint64(counts[i])
	}
	if total == 0 {
		return 0
	}
	below := uint64(0)
	for i, n := range counts {
		if below += uint64(n); float64(below) >= q*float64(total) {
			return latencyOf(i)
		}
	}
	return latencyOf(latencyBuckets - 1)
}
