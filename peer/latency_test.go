package peer

import (
	"testing"
	"time"
)

func TestLatencyBuckets(t *testing.T) {
	last := -1
	for d := time.Duration(0); d < 10*time.Second; d += max(time.Microsecond, d/50) {
		i := latencyBucket(d)
		if i < last || i > last+1 {
			t.Fatalf("%v is in bucket %d, the one before in %d", d, i, last)
		}
		last = i
		if end := latencyOf(i); i < latencyBuckets-1 && (d >= end || d > 64*time.Microsecond && end > d*13/10) {
			t.Fatalf("%v is in bucket %d, which ends at %v", d, i, end)
		}
	}
	if last != latencyBuckets-1 {
		t.Errorf("10 s are in bucket %d of %d", last, latencyBuckets)
	}
	if end := latencyOf(latencyBuckets - 2); end < 3*time.Second {
		t.Errorf("all above %v is one", end)
	}
	if i := latencyBucket(-time.Second); i != 0 {
		t.Errorf("the future is in bucket %d", i)
	}
}

func TestQuantiles(t *testing.T) {
	var l latencies
	if got := l.quantile(0.5); got != 0 {
		t.Errorf("of nothing: %v", got)
	}
	for i := range 100 {
		l.add(time.Duration(i+1) * time.Millisecond)
	}
	for q, want := range map[float64]time.Duration{0.5: 50 * time.Millisecond, 0.95: 95 * time.Millisecond, 1: 100 * time.Millisecond} {
		if got := l.quantile(q); got < want || got > want*5/4+time.Millisecond {
			t.Errorf("quantile %v: %v, want %v", q, got, want)
		}
	}
	for range 5 {
		l.fade()
	}
	for range 50 {
		l.add(time.Second)
	}
	if got := l.quantile(0.5); got < time.Second {
		t.Errorf("what is long ago still counts: %v", got)
	}
}
