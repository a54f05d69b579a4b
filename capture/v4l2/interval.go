package v4l2

import (
	"math"
	"time"
	"unsafe"
)

// Interval is the time from one picture to the next in seconds, as a
// fraction: struct v4l2_fract. The zero value is an interval that the device
// does not state.
type Interval struct{ Numerator, Denominator uint32 }

// Rate is the interval as pictures per second, 0 when it is not stated or makes
// no sense: less than one in a minute, or more than 1000 a second.
func (i Interval) Rate() float64 {
	if i.Numerator == 0 || i.Denominator == 0 {
		return 0
	}
	rate := float64(i.Denominator) / float64(i.Numerator)
	if rate < 1.0/60 || rate > 1000 {
		return 0
	}
	return rate
}

// Duration is the interval, 0 when it is not stated.
func (i Interval) Duration() time.Duration {
	rate := i.Rate()
	if rate == 0 {
		return 0
	}
	return time.Duration(float64(time.Second) / rate)
}

// IntervalOf returns the interval of a rate in pictures per second. Rates like
// 29.97 become NTSC's fractions (30000/1001).
func IntervalOf(rate float64) Interval {
	if !(rate >= 1.0/60 && rate <= 1000) {
		return Interval{}
	}
	if whole := math.Round(rate); whole >= 1 {
		if math.Abs(rate-whole) < 1e-4*whole {
			return Interval{1, uint32(whole)}
		}
		if math.Abs(rate-whole*1000/1001) < 1e-4*whole {
			return Interval{1001, uint32(whole) * 1000}
		}
	}
	return Interval{1000, uint32(math.Round(rate * 1000))}
}

// compare orders by length, by 64-bit cross products.
func (i Interval) compare(o Interval) int {
	a, b := uint64(i.Numerator)*uint64(o.Denominator), uint64(o.Numerator)*uint64(i.Denominator)
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// Interval asks the device for the interval it works at, the zero value when it
// does not say.
func (d *Device) Interval() (Interval, error) {
	raw := &captureParameters{kind: d.kind}
	if err := d.ioctl(requestGetParameters, unsafe.Pointer(raw)); err != nil {
		if unsupported(err) {
			return Interval{}, nil
		}
		return Interval{}, d.fail("read the rate of", err)
	}
	if raw.timePerFrame.Rate() == 0 {
		return Interval{}, nil
	}
	return raw.timePerFrame, nil
}

// SetInterval asks for an interval, for the format that is set, and returns
// what the device chose: the zero value when it does not say.
func (d *Device) SetInterval(want Interval) (Interval, error) {
	raw := &captureParameters{kind: d.kind, timePerFrame: want}
	if err := d.ioctl(requestSetParameters, unsafe.Pointer(raw)); err != nil {
		if unsupported(err) {
			return d.Interval()
		}
		return Interval{}, d.fail("set the rate of", err)
	}
	if raw.capability&hasTimePerFrame == 0 || raw.timePerFrame.Rate() == 0 {
		return d.Interval()
	}
	return raw.timePerFrame, nil
}
