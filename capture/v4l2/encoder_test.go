package v4l2

import (
	"bytes"
	"testing"
	"time"

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

// witness is a firmware that keeps what it sees.
type witness struct {
	capture.Encoder
	seen *[]*capture.Frame
}

func (w witness) Encode(f *capture.Frame, force bool) (*capture.AccessUnit, error) {
	*w.seen = append(*w.seen, f)
	return w.Encoder.Encode(f, force)
}

// TestEncoderLaysOutPlanes: the device sees the picture, in each layout.
func TestEncoderLaysOutPlanes(t *testing.T) {
	size := capture.Size{Width: 190, Height: 98}
	for name, codec := range codecs() {
		t.Run(name, func(t *testing.T) {
			f := codec()
			var seen []*capture.Frame
			f.firmware = func(c capture.EncoderConfig) (capture.Encoder, error) {
				e, err := capturetest.NewFakeEncoder(capture.H264, c)
				return witness{e, &seen}, err
			}
			e, err := f.maker(t)(capture.EncoderConfig{Bitrate: capture.Mbps, FrameRate: 30})
			if err != nil {
				t.Fatal(err)
			}
			defer e.Close()
			scene := capturetest.NewScene(size, 30, time.Unix(1e9, 0))
			for i := range 6 {
				want := scene.Frame(i, 16)
				if _, err := e.Encode(want, false); err != nil {
					t.Fatal(err)
				}
				got := seen[len(seen)-1]
				if got.Size != size {
					t.Fatalf("sees %v, want %v", got.Size, size)
				}
				for p, planes := range map[string][2][]byte{"U": {got.U, want.U}, "V": {got.V, want.V}} {
					if !sameRows(planes[0], got.UVStride, planes[1], want.UVStride, size.Width/2, size.Height/2) {
						t.Errorf("picture %d: sees another %s", i, p)
					}
				}
				if !sameRows(got.Y, got.YStride, want.Y, want.YStride, size.Width, size.Height) {
					t.Errorf("picture %d: sees another Y", i)
				}
			}
		})
	}
}

func sameRows(a []byte, aStride int, b []byte, bStride, width, rows int) bool {
	for y := range rows {
		if !bytes.Equal(a[y*aStride:][:width], b[y*bStride:][:width]) {
			return false
		}
	}
	return true
}
