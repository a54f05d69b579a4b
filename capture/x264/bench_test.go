//go:build unix

package x264

import (
	"image"
	"testing"

	"github.com/pion/mediadevices/pkg/codec/x264"
	"github.com/pion/mediadevices/pkg/io/video"
	"github.com/pion/mediadevices/pkg/prop"

	"github.com/pushcam/pushcam/capture"
	"github.com/pushcam/pushcam/capture/capturetest"
)

// BenchmarkFiguresEncode compares with mediadevices' encoder of the same library and
// preset.
func BenchmarkFiguresEncode(b *testing.B) {
	params, err := x264.NewParams()
	if err != nil {
		b.Fatal(err)
	}
	params.Preset = x264.PresetUltrafast
	params.LogLevel = x264.LogNone
	params.BitRate = 2_000_000
	var next *image.YCbCr
	reader := video.ReaderFunc(func() (image.Image, func(), error) { return next, func() {}, nil })
	media := prop.Media{Video: prop.Video{Width: 1280, Height: 720, FrameRate: 30}}
	encoder, err := params.BuildVideoEncoder(reader, media)
	if err != nil {
		b.Fatal(err)
	}
	defer encoder.Close()
	capturetest.BenchmarkEncoder(b, newEncoder, func(img *image.YCbCr) error {
		next = img
		_, release, err := encoder.Read()
		release()
		return err
	})
}

func BenchmarkFiguresRates(b *testing.B) { capturetest.BenchmarkRates(b, newEncoder) }

func BenchmarkFiguresLayers(b *testing.B) { capturetest.BenchmarkLayers(b, capture.H264, newEncoder) }
