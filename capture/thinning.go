package capture

import "time"

// Thinning lets each so many-th picture through, as a Thinner is told to. Its
// zero value lets all through. One goroutine at a time uses it.
type Thinning struct {
	every   int
	omitted int       // since one passed
	passed  time.Time // when that one was taken
}

// Thin sets how many pictures go to one that passes: 0 is like 1, for all. A
// FrameReader that embeds a Thinning has its method of Thinner from it.
func (t *Thinning) Thin(every int) { t.every = every }

// Omits reports whether a picture that was taken at this time is to be left
// out, and counts it then.
func (t *Thinning) Omits(at time.Time) bool {
	if t.omitted+1 >= t.every || at.Sub(t.passed) >= LongestThin {
		return false
	}
	t.omitted++
	return true
}

// Pass notes that a picture that was taken at this time is not left out, and
// returns how many were since the one before.
func (t *Thinning) Pass(at time.Time) (omitted int) {
	omitted = t.omitted
	t.omitted, t.passed = 0, at
	return omitted
}
