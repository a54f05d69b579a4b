package capture

import "time"

// Cadence tells an Encoder how long each picture is shown, which is what
// decides how many bytes it may take. A camera that promised 30 pictures a
// second delivers 15 in the dark; the times of single pictures jitter, repeat
// or jump. Cadence follows the first and not the second.
//
// The zero value is not ready; use NewCadence. One goroutine uses it.
type Cadence struct {
	interval time.Duration
	last     time.Time
	n        int
}

const (
	// cadenceWindow is over how many pictures the interval is averaged: a
	// new rate is taken over within half a second at 30 per second.
	cadenceWindow = 8
	// cadenceJump is the most that one picture's interval counts, as a
	// multiple of the average, so that a pause does not look like a new rate.
	cadenceJump = 4
)

// The intervals that EncoderConfig.FrameRate allows.
const (
	minInterval = time.Second / 240
	maxInterval = time.Second
)

// NewCadence starts at the nominal rate in pictures per second.
func NewCadence(frameRate float64) Cadence {
	return Cadence{interval: clampInterval(time.Duration(float64(time.Second) / frameRate))}
}

// Next takes the next picture and returns the interval at which pictures come
// now: from 1/240 s to 1 s. A time that does not advance leaves the interval as
// it is, and so do Slates and the pause that they fill: a camera that comes back
// goes on at its old rate, and what was saved meanwhile is not spent at once.
func (c *Cadence) Next(f *Frame) time.Duration {
	if f.Slate {
		c.last = time.Time{}
		return c.interval
	}
	passed := f.Time.Sub(c.last)
	first := c.last.IsZero()
	c.last = f.Time
	if first || passed <= 0 {
		return c.interval
	}
	// The first interval that is measured takes the place of the nominal one.
	c.n = min(c.n+1, cadenceWindow)
	passed = min(passed, cadenceJump*c.interval)
	c.interval = clampInterval(c.interval + (passed-c.interval)/time.Duration(c.n))
	return c.interval
}

func clampInterval(d time.Duration) time.Duration { return min(max(d, minInterval), maxInterval) }
