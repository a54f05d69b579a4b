package pattern

import (
	"time"

	"github.com/pushcam/pushcam/capture"
)

// pace says when each picture of a steady sequence is due. Instants are
// counted from the start, not from the last picture, so errors do not add up.
type pace struct {
	start time.Time
	rate  float64 // pictures per second
	next  int64   // number of the next picture, from 0
}

// skip passes over all but each so many-th picture, as far as LongestThin
// allows, and returns how many.
func (p *pace) skip(every int) int {
	n := min(every-1, int(p.rate*capture.LongestThin.Seconds()))
	if n <= 0 || p.next == 0 {
		return 0
	}
	p.next += int64(n)
	return n
}

// take returns the number and the instant of the next picture, which may be
// past. Pictures that were missed while nobody called are skipped: all but the
// latest, as a driver that keeps one buffer would do it.
func (p *pace) take(now time.Time) (n int64, due time.Time) {
	elapsed := now.Sub(p.start)
	if latest := int64(elapsed.Seconds() * p.rate); latest > p.next {
		p.next = latest
	}
	n = p.next
	p.next++
	at := time.Duration(float64(n) / p.rate * float64(time.Second))
	// Added to now, not to start: the wall clock may have been set since.
	return n, now.Add(at - elapsed)
}
