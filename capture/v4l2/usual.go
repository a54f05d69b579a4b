package v4l2

import (
	"slices"

	"github.com/pushcam/pushcam/capture"
)

// usualPictures are the sizes that stand for a range, or are tried where a
// driver has no list: those that cameras and browsers have in common.
func usualPictures() []capture.Size {
	return []capture.Size{
		{Width: 160, Height: 120}, {Width: 176, Height: 144}, {Width: 320, Height: 180}, {Width: 320, Height: 240},
		{Width: 352, Height: 288}, {Width: 424, Height: 240}, {Width: 480, Height: 270}, {Width: 640, Height: 360},
		{Width: 640, Height: 480}, {Width: 720, Height: 480}, {Width: 720, Height: 576}, {Width: 800, Height: 448},
		{Width: 800, Height: 600}, {Width: 848, Height: 480}, {Width: 960, Height: 540}, {Width: 960, Height: 720},
		{Width: 1024, Height: 576}, {Width: 1024, Height: 768}, {Width: 1280, Height: 720}, {Width: 1280, Height: 800},
		{Width: 1280, Height: 960}, {Width: 1280, Height: 1024}, {Width: 1600, Height: 896}, {Width: 1600, Height: 1200},
		{Width: 1640, Height: 1232}, {Width: 1920, Height: 1080}, {Width: 1920, Height: 1200}, {Width: 2048, Height: 1536},
		{Width: 2304, Height: 1296}, {Width: 2560, Height: 1440}, {Width: 2592, Height: 1944}, {Width: 3840, Height: 2160},
		{Width: 4096, Height: 2160},
	}
}

func usualRates() []uint32 { return []uint32{120, 90, 60, 50, 30, 25, 24, 20, 15, 10, 5, 1} }

// usualSizes are those of usualPictures that lie in the range and on its steps
// (counted from the minimum, V4L2 "VIDIOC_ENUM_FRAMESIZES"), and the largest.
// A step of 0, which no driver may say, is taken as 1.
func usualSizes(r rangeOfSizes, kind uint32) []capture.Size {
	stepWidth, stepHeight := max(r.stepWidth, 1), max(r.stepHeight, 1)
	if kind == kindContinuous {
		stepWidth, stepHeight = 1, 1
	}
	r.maxWidth, r.maxHeight = min(r.maxWidth, capture.MaxDimension), min(r.maxHeight, capture.MaxDimension)
	if r.minWidth > r.maxWidth || r.minHeight > r.maxHeight {
		return nil
	}
	var sizes []capture.Size
	for _, s := range usualPictures() {
		w, h := uint32(s.Width), uint32(s.Height)
		if w >= r.minWidth && w <= r.maxWidth && (w-r.minWidth)%stepWidth == 0 &&
			h >= r.minHeight && h <= r.maxHeight && (h-r.minHeight)%stepHeight == 0 {
			sizes = append(sizes, s)
		}
	}
	if largest := (capture.Size{Width: int(r.maxWidth), Height: int(r.maxHeight)}); sensible(largest) {
		sizes = append(sizes, largest)
	}
	return sizes
}

// usualIntervals are the shortest interval of a range and those of usualRates
// that lie in it and, for a stepwise one, on its steps counted from the
// shortest.
func usualIntervals(raw frameInterval) []Interval {
	if raw.min.Rate() == 0 || raw.min.compare(raw.max) > 0 {
		return nil
	}
	intervals := []Interval{raw.min}
	for _, rate := range usualRates() {
		i := Interval{1, rate}
		if i.compare(raw.min) >= 0 && i.compare(raw.max) <= 0 && (raw.kind == kindContinuous || onStep(i, raw.min, raw.step)) {
			intervals = append(intervals, i)
		}
	}
	slices.SortStableFunc(intervals, bySpeed)
	return slices.CompactFunc(intervals, func(a, b Interval) bool { return a.compare(b) == 0 })
}

// onStep reports whether (i - first) / step is whole, within what rounding of
// such numbers does. Without a step every interval is on it.
func onStep(i, first, step Interval) bool {
	seconds := func(i Interval) float64 { return float64(i.Numerator) / float64(i.Denominator) }
	if step.Numerator == 0 || step.Denominator == 0 {
		return true
	}
	steps := (seconds(i) - seconds(first)) / seconds(step)
	return steps < 1<<32 && steps-float64(uint64(steps+0.5)) < 1e-6 && float64(uint64(steps+0.5))-steps < 1e-6
}
