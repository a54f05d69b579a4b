//go:build cgo

package v4l2

import (
	"testing"

	"github.com/pushcam/pushcam/capture"
	"github.com/pushcam/pushcam/capture/capturetest"
	"github.com/pushcam/pushcam/capture/x264"
)

// With libx264 as the firmware of the fakes, what comes out is real: it can be
// decoded, and follows a bitrate.

func x264Firmware(c capture.EncoderConfig) (capture.Encoder, error) { return x264.New(c) }

func TestEncoderWithPictures(t *testing.T) {
	for name, codec := range codecs() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := codec()
			f.firmware = x264Firmware
			newEncoder := f.maker(t)
			t.Cleanup(func() { f.check(t) })
			capturetest.DecodeConformance(t, capture.H264, newEncoder)
		})
	}
}

// TestEncoderConformanceWithPictures: the suite compares pictures, which is
// more than the other fake firmware can show.
func TestEncoderConformanceWithPictures(t *testing.T) {
	f := newFakeCodec()
	f.firmware = x264Firmware
	capturetest.EncoderConformance(t, capture.H264, f.maker(t))
	f.check(t)
}

func TestEncoderRates(t *testing.T) {
	for _, fixed := range []bool{false, true} {
		name := map[bool]string{false: "rate that is told", true: "rate that stays"}[fixed]
		t.Run(name, func(t *testing.T) {
			f := newFakeCodec()
			f.firmware, f.fixedRate = x264Firmware, fixed
			newEncoder := f.maker(t)
			t.Cleanup(func() { f.check(t) })
			capturetest.DeviceRateConformance(t, newEncoder)
		})
	}
}
