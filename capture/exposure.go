package capture

import (
	"slices"
	"time"
)

// exposure tells when the brightness of a camera that was just opened has
// settled: automatic exposure begins with dark or burnt pictures, and takes up to
// a second or two. The zero value is for an opening without pictures yet.
type exposure struct {
	settled bool
	first   time.Time // when the first picture came
	frames  int
	calm    int // pictures since anchor that are as bright as it is
	anchor  [exposureCells]int32
}

const (
	// exposureLimit and exposureFrames bound the wait, whichever comes first:
	// after them, the light is what flickers.
	exposureLimit  = 2 * time.Second
	exposureFrames = 60
	// exposureCalm is for how many pictures after one the brightness has to
	// hold. A camera that adapts in steps rests for two or three between them.
	exposureCalm = 5

	// A picture is looked at in cells, each by a few of its pixels.
	exposureColumns, exposureRows = 8, 6
	exposureCells                 = exposureColumns * exposureRows
	exposureSamples               = 8 // each way in a cell, at most

	// exposureUnit is one step of luma in what is compared.
	exposureUnit = 16
	// exposureBlack is what counts as black: a shutter that has not opened, or
	// a sensor that has not begun.
	exposureBlack = 5 * exposureUnit
)

// add takes the next picture and reports whether it is fit to be kept: bright
// enough to show something, after a few that were as bright.
func (e *exposure) add(f *Frame, now time.Time) bool {
	if e.settled || f.Y == nil {
		return e.settled
	}
	cells := brightness(f)
	var change [exposureCells]int32
	for i := range cells {
		change[i] = cells[i] - e.anchor[i]
	}
	// Exposure changes the whole picture: its average and most of its cells.
	// What moves through it changes a few cells much, which the median does not
	// see; a camera that turns changes all, some up and some down.
	step, level := min(size(mean(change)), size(median(change))), mean(cells)
	if e.frames++; e.frames == 1 {
		e.first = now
	}
	if e.frames == 1 || level < exposureBlack || step > exposureUnit+level/50 {
		e.anchor, e.calm = cells, 0
	} else {
		e.calm++
	}
	e.settled = e.calm >= exposureCalm || e.frames >= exposureFrames || now.Sub(e.first) >= exposureLimit
	return e.settled
}

// brightness is the mean luma of each cell above black, in 1/exposureUnit.
func brightness(f *Frame) (cells [exposureCells]int32) {
	for i := range cells {
		x0, x1 := i%exposureColumns*f.Width/exposureColumns, (i%exposureColumns+1)*f.Width/exposureColumns
		y0, y1 := i/exposureColumns*f.Height/exposureRows, (i/exposureColumns+1)*f.Height/exposureRows
		sum, n := int32(0), int32(0)
		for y := y0; y < y1; y += max((y1-y0)/exposureSamples, 1) {
			row := f.Y[y*f.YStride:]
			for x := x0; x < x1; x += max((x1-x0)/exposureSamples, 1) {
				sum += int32(row[x])
				n++
			}
		}
		cells[i] = max(sum*exposureUnit/max(n, 1)-16*exposureUnit, 0)
	}
	return cells
}

func mean(values [exposureCells]int32) int32 {
	sum := int32(0)
	for _, v := range values {
		sum += v
	}
	return sum / exposureCells
}

func median(values [exposureCells]int32) int32 {
	slices.Sort(values[:])
	return values[exposureCells/2]
}

func size(n int32) int32 { return max(n, -n) }
