package capture

import (
	"sync/atomic"
	"time"
)

// durationBounds are the upper ends of what Durations counts in.
var durationBounds = [...]time.Duration{
	time.Millisecond, 2 * time.Millisecond, 5 * time.Millisecond,
	10 * time.Millisecond, 20 * time.Millisecond, 50 * time.Millisecond,
	100 * time.Millisecond, 200 * time.Millisecond, 500 * time.Millisecond,
	time.Second, 2 * time.Second, 5 * time.Second, 10 * time.Second,
}

// Durations counts how long things took, since the start. The zero value is
// ready; any goroutine may use it.
type Durations struct {
	counts [len(durationBounds) + 1]atomic.Uint64 // the last one: longer than all bounds
	sum    atomic.Int64
}

// DurationStats is what Durations has counted.
type DurationStats struct {
	Count uint64
	Sum   time.Duration
	// AtMost is how many took at most so long.
	AtMost map[time.Duration]uint64
}

// Add counts one.
func (d *Durations) Add(took time.Duration) {
	i := 0
	for i < len(durationBounds) && took > durationBounds[i] {
		i++
	}
	d.counts[i].Add(1)
	d.sum.Add(int64(took))
}

// Stats is a snapshot.
func (d *Durations) Stats() DurationStats {
	s := DurationStats{Sum: time.Duration(d.sum.Load()), AtMost: map[time.Duration]uint64{}}
	for i := range d.counts {
		s.Count += d.counts[i].Load()
		if i < len(durationBounds) {
			s.AtMost[durationBounds[i]] = s.Count
		}
	}
	return s
}
