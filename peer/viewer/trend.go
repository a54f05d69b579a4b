package viewer

import (
	"math"
	"time"
)

// trend tells whether the delay on the path grows: a queue fills. It is the
// trendline filter and the over-use detector with an adaptive threshold of
// draft-ietf-rmcat-gcc-02 section 5.4, with libwebrtc's numbers.
type trend struct {
	overUse, underUse bool

	bursts   int
	first    time.Time
	last     time.Time
	delay    float64 // ms, against the first burst's
	smoothed float64
	at       [trendWindow]float64 // ms since the first burst
	delays   [trendWindow]float64 // smoothed

	threshold float64 // ms
	over      time.Duration
	overs     int
	slope     float64 // the one before
}

const (
	trendWindow    = 20 // bursts
	trendSmoothing = 0.9
	trendGain      = 4
	trendMost      = 60 // bursts that make the slope count more

	thresholdStart = 12.5
	thresholdLeast = 6
	thresholdMost  = 600
	thresholdUp    = 0.0087
	thresholdDown  = 0.039
	thresholdJump  = 15 // ms over the threshold: an exception, nothing to learn from

	overUseTime = 10 * time.Millisecond
)

// add takes how much longer a burst was on its way than the one before it.
func (t *trend) add(grown time.Duration, now time.Time) {
	if t.bursts == 0 {
		t.first, t.last, t.threshold = now, now, thresholdStart
	}
	i := t.bursts % trendWindow
	t.bursts++
	t.delay += milliseconds(grown)
	t.smoothed = trendSmoothing*t.smoothed + (1-trendSmoothing)*t.delay
	t.at[i], t.delays[i] = milliseconds(now.Sub(t.first)), t.smoothed
	passed := now.Sub(t.last)
	t.last = now
	if t.bursts >= trendWindow {
		t.detect(t.fit(), passed)
	}
}

// fit is the slope of the line through the delays, by least squares.
func (t *trend) fit() float64 {
	var meanAt, meanDelay float64
	for i := range t.at {
		meanAt += t.at[i] / trendWindow
		meanDelay += t.delays[i] / trendWindow
	}
	var above, below float64
	for i := range t.at {
		above += (t.at[i] - meanAt) * (t.delays[i] - meanDelay)
		below += (t.at[i] - meanAt) * (t.at[i] - meanAt)
	}
	if below == 0 {
		return t.slope
	}
	return above / below
}

func (t *trend) detect(slope float64, passed time.Duration) {
	value := float64(min(t.bursts, trendMost)) * slope * trendGain
	switch {
	case value > t.threshold:
		t.over += passed
		t.overs++
		t.underUse = false
		if t.over > overUseTime && t.overs > 1 && slope >= t.slope {
			t.over, t.overs, t.overUse = 0, 0, true
		}
	default:
		t.over, t.overs, t.overUse = 0, 0, false
		t.underUse = value < -t.threshold
	}
	t.slope = slope
	t.adapt(math.Abs(value), milliseconds(min(passed, 100*time.Millisecond)))
}

// adapt moves the threshold, so that neither a few large pictures nor another
// connection that fills the queue are taken for all.
func (t *trend) adapt(value, passed float64) {
	if value > t.threshold+thresholdJump {
		return
	}
	k := thresholdUp
	if value < t.threshold {
		k = thresholdDown
	}
	t.threshold += k * (value - t.threshold) * passed
	t.threshold = min(max(t.threshold, thresholdLeast), thresholdMost)
}
