package capturetest

import (
	"testing"
	"time"

	"github.com/pushcam/pushcam/capture"
)

// thins holds a camera that can leave pictures out to the contract of
// capture.Thinner. Real cameras lose some of their own accord, and of coded
// pictures none can be left out.
func thins(t *testing.T, c capture.Camera) {
	r := mustOpen(t, c)
	defer mustClose(t, r)
	thinner, ok := r.(capture.Thinner)
	if !ok {
		return
	}
	probe := mustRead(t, r)
	coded := probe.Coded != nil
	probe.Release()
	read := func(n int) (omitted int, took time.Duration) {
		first := mustRead(t, r)
		first.Release()
		last := first.Time
		for range n {
			f := mustRead(t, r)
			omitted += f.Omitted
			last = f.Time
			f.Release()
		}
		return omitted, last.Sub(first.Time)
	}
	if omitted, _ := read(6); omitted != 0 {
		t.Errorf("%d pictures omitted without a word", omitted)
	}
	thinner.Thin(2)
	omitted, took := read(12)
	if coded != (omitted == 0) || omitted > 12 || took > 13*capture.LongestThin {
		t.Errorf("of each second picture, %d omitted beside 12, in %v", omitted, took)
	}
	thinner.Thin(1000)
	if _, took := read(4); took > 4*2*capture.LongestThin {
		t.Errorf("thinned without bound, 4 pictures took %v", took)
	}
	thinner.Thin(1)
	read(1)
	if omitted, _ := read(6); omitted != 0 {
		t.Errorf("%d pictures omitted after all were asked for again", omitted)
	}
}
