package capture

import "time"

const (
	// upPause is between two steps up, each of half the bitrate at most: an
	// encoder that is given much at once spends it on one picture.
	upPause = 500 * time.Millisecond
	// downWorth and upWorth are from which change on, in percent, an encoder
	// is told: its rate control has to settle each time.
	downWorth, upWorth = 3, 5
)

// dial is the bitrate that an encoder is set to: down at once, as a path that
// is too narrow fills up, and up in steps. Its zero value is set to what comes
// first. One goroutine uses it.
type dial struct {
	told   Bitrate
	turned time.Time
}

// turn sets the dial nearer to what is wanted, of a Band, and reports whether
// that is worth telling.
func (d *dial) turn(want Bitrate, band Band, now time.Time) bool {
	want = band.Clamp(want)
	to := want
	switch {
	case d.told == 0:
	case want < d.told:
		if 100*want > (100-downWorth)*d.told && d.told <= band.Ceiling {
			return false
		}
	default:
		if now.Sub(d.turned) < upPause {
			return false
		}
		to = min(want, d.told*3/2)
		if to == d.told || 100*to < (100+upWorth)*d.told && to != band.Ceiling {
			return false
		}
	}
	d.told, d.turned = to, now
	return true
}
