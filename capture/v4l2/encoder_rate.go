package v4l2

import (
	"math"
	"time"

	"github.com/pushcam/pushcam/capture"
)

// pace holds an encoder to the bitrate when pictures come at another rate than
// was announced. Its rate control gives each picture what a picture at the rate
// of S_PARM may have. So it is told the real rate, coarsely, and the rest by
// the bitrate. One goroutine uses it.
type pace struct {
	interval time.Duration // that the encoder was told
	fixed    bool          // it takes no other while it runs
	bitrate  capture.Bitrate
}

const (
	// coarse is how far, in percent, the interval may be off before it is told.
	coarse = 10
	// fine is how far the bitrate may be off: less than cameras jitter.
	fine = 2
)

// retime reports whether the encoder has to be told another interval.
func (p *pace) retime(interval time.Duration) bool {
	return !p.fixed && off(int64(interval), int64(p.interval), coarse)
}

// rebitrate returns what to tell for a target, and whether it is another than
// the encoder was told.
func (p *pace) rebitrate(target capture.Bitrate, interval time.Duration) (capture.Bitrate, bool) {
	bits := float64(target) * interval.Seconds() / p.interval.Seconds()
	told := capture.Bitrate(math.Round(min(bits, math.MaxInt32)))
	return told, off(int64(told), int64(p.bitrate), fine)
}

func off(a, b, percent int64) bool { return 100*max(a-b, b-a) > percent*b }

// fraction is the interval for S_PARM.
func fraction(interval time.Duration) Interval {
	return IntervalOf(float64(time.Second) / float64(interval))
}
