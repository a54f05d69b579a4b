package v4l2

import (
	"testing"

	"github.com/pushcam/pushcam/capture"
	"github.com/pushcam/pushcam/capture/capturetest"
)

// level31 is the level of all that the tests encode.
func level31(capture.Size, float64, capture.Bitrate) (int, error) { return 31, nil }

// maker makes encoders of a fake for a suite.
func (f *fakeCodec) maker(t testing.TB) capturetest.NewEncoder {
	t.Helper()
	n := f.node(t)
	return func(c capture.EncoderConfig) (capture.Encoder, error) { return n.NewEncoder(c, level31) }
}

// codecs are fakes of different habits, which all have to do.
func codecs() map[string]func() *fakeCodec {
	with := func(change func(*fakeCodec)) func() *fakeCodec {
		return func() *fakeCodec {
			f := newFakeCodec()
			change(f)
			return f
		}
	}
	return map[string]func() *fakeCodec{
		"as a Raspberry Pi's":  newFakeCodec,
		"single-planar":        with(func(f *fakeCodec) { f.single = true }),
		"NV12":                 with(func(f *fakeCodec) { f.raws = []PixelFormat{YUYV, NV12} }),
		"NV21 in two pieces":   with(func(f *fakeCodec) { f.raws = []PixelFormat{NV21M} }),
		"YV12 in three pieces": with(func(f *fakeCodec) { f.raws = []PixelFormat{YV12M} }),
		"headers on their own": with(func(f *fakeCodec) { f.separate = true }),
		"headers only once":    with(func(f *fakeCodec) { delete(f.controls, controlRepeatHeaders) }),
		"GOP by the other control": with(func(f *fakeCodec) {
			f.controls[controlGOPSize] = f.controls[controlIPeriod]
			delete(f.controls, controlIPeriod)
		}),
		"few controls": with(func(f *fakeCodec) {
			delete(f.controls, controlLevel)
			delete(f.controls, controlBitrateMode)
			delete(f.controls, controlBFrames)
		}),
		"rate that stays": with(func(f *fakeCodec) { f.fixedRate = true }),
		"late keyframes":  with(func(f *fakeCodec) { f.lateKeyframe = true }),
		"undated":         with(func(f *fakeCodec) { f.undated = true }),
		"only baseline":   with(func(f *fakeCodec) { f.controls[controlProfile] = fakeRange{capture.ControlMenu, 0, 0, 0, 1} }),
	}
}

func TestEncoderConformance(t *testing.T) {
	for name, codec := range codecs() {
		t.Run(name, func(t *testing.T) {
			f := codec()
			capturetest.EncoderConformance(t, capture.H264, f.maker(t))
			f.check(t)
		})
	}
}
