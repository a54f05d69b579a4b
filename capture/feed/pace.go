package feed

import "time"

// maxLate is how far a clip may be behind. What stood still for longer, such
// as a suspended machine, goes on from where it was.
const maxLate = time.Second

// pace says when each picture of a clip is due. Instants are counted from a
// base and not from the last picture, so errors do not add up.
type pace struct {
	base time.Time
	rate float64 // pictures per second
	n    int64   // pictures since base
}

// next returns when the next picture is due, at this rate from it on; an
// instant that may be past, but not by more than maxLate.
func (p *pace) next(now time.Time, rate float64) time.Time {
	due := p.due()
	if p.base.IsZero() {
		due = now
	}
	if late := now.Sub(due); rate != p.rate || late > maxLate {
		if late > maxLate {
			due = now
		}
		*p = pace{base: due, rate: rate}
	}
	p.n++
	return due
}

// due is when the picture after those that were taken is.
func (p *pace) due() time.Time {
	if p.n == 0 {
		return p.base
	}
	return p.base.Add(time.Duration(float64(p.n) / p.rate * float64(time.Second)))
}

// isLate reports whether the picture after the next one is due, too, and it is
// no use to show the next.
func (p *pace) isLate(now time.Time) bool {
	if p.base.IsZero() {
		return false
	}
	late := now.Sub(p.due())
	return late.Seconds() > 1/p.rate && late <= maxLate
}
