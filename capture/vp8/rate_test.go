package vp8

import (
	"testing"
	"time"

	"github.com/pushcam/pushcam/capture"
)

const interval = 40 * time.Millisecond

func TestRegulatorRefines(t *testing.T) {
	var r regulator
	want := func(name string, keyframe, shared bool, finest int) {
		t.Helper()
		if got := r.rate(capture.Mbps, shared, keyframe); got != (rate{capture.Mbps, shared, bufferTime, finest}) {
			t.Errorf("%s: %+v, want quantizer %d at the lowest", name, got, finest)
		}
	}
	want("first", true, false, finestQuantizer)
	r.note(true, 40, interval)
	want("second", false, false, 40-refineStep)
	want("second, of layers", false, true, finestQuantizer)
	want("another keyframe", true, false, finestQuantizer)
	for range refinePictures - 1 {
		r.note(false, 4, interval)
	}
	want("fine already", false, false, finestQuantizer)
	r.note(false, 40, interval)
	want("long after", false, false, finestQuantizer)
}

// TestRegulatorSettles within its time, and only after a change that is worth it.
func TestRegulatorSettles(t *testing.T) {
	for _, step := range []struct {
		from, to capture.Bitrate
		settles  bool
	}{
		{capture.Mbps, 810 * capture.Kbps, false},
		{capture.Mbps, 790 * capture.Kbps, true},
		{500 * capture.Kbps, 2 * capture.Mbps, true},
	} {
		var r regulator
		r.retarget(step.from, step.to)
		told := r.rate(step.to, false, true)
		if settles := told.buffer == settleBuffer && told.bitrate == step.to*6/5; settles != step.settles {
			t.Errorf("%v to %v: told %+v", step.from, step.to, told)
		}
		last := told.buffer
		for at := interval; at <= settleTime; at += interval {
			r.note(false, 20, interval)
			told = r.rate(step.to, false, true)
			if told.buffer < last {
				t.Errorf("%v to %v: buffer of %v after %v", step.from, step.to, told.buffer, last)
			}
			last = told.buffer
		}
		r.note(false, 20, interval)
		if told = r.rate(step.to, false, true); told != (rate{step.to, false, bufferTime, finestQuantizer}) {
			t.Errorf("%v to %v: told %+v in the end", step.from, step.to, told)
		}
	}
}
