package feed

import (
	"time"

	"github.com/pushcam/pushcam/capture"
)

// thinning leaves pictures out before they are decoded, as capture.Thinner
// says. Coded ones need each other, and stay. The goroutine that reads uses it.
type thinning struct {
	every    int
	omitted  int       // pictures since the last Frame
	returned time.Time // of the last Frame
}

// Thin implements capture.Thinner for the reader that has it.
func (t *thinning) Thin(every int) { t.every = every }

// omits reports whether p, of this time, is to be left out.
func (t *thinning) omits(p picture, at time.Time) bool {
	if p.isCoded() || t.omitted+1 >= t.every || at.Sub(t.returned) >= capture.LongestThin {
		return false
	}
	t.omitted++
	return true
}

// passed notes that f, of this time, is returned.
func (t *thinning) passed(f *capture.Frame, at time.Time) {
	f.Omitted = t.omitted
	t.omitted, t.returned = 0, at
}
