package camera

import (
	"bytes"
	"image"
	"image/jpeg"
	"math/rand/v2"
	"testing"

	"github.com/pion/mediadevices/pkg/frame"

	"github.com/pushcam/pushcam/capture"
)

// BenchmarkFormats is what usableFormats is sorted by: mediadevices' decoder
// and our copy, for one 720p picture of each format.
func BenchmarkFormats(b *testing.B) {
	const width, height = 1280, 720
	for _, format := range usableFormats() {
		b.Run(format, func(b *testing.B) {
			raw := make([]byte, width*height*2)
			if format == frame.FormatMJPEG {
				raw = noisyJPEG(b, width, height)
			}
			decoder, err := frame.NewDecoder(frame.Format(format))
			if err != nil {
				b.Fatal(err)
			}
			var pool capture.FramePool
			b.ReportAllocs()
			for b.Loop() {
				img, _, err := decoder.Decode(raw, width, height)
				if err != nil {
					b.Fatal(err)
				}
				f, err := toFrame(&pool, img, format == frame.FormatMJPEG)
				if err != nil {
					b.Fatal(err)
				}
				f.Release()
			}
		})
	}
}

// noisyJPEG is a 4:2:0 JPEG of smooth areas and some noise.
func noisyJPEG(b *testing.B, width, height int) []byte {
	b.Helper()
	img := image.NewYCbCr(image.Rect(0, 0, width, height), image.YCbCrSubsampleRatio420)
	rng := rand.New(rand.NewPCG(1, 2))
	for i := range img.Y {
		img.Y[i] = byte(i/width/4 + rng.IntN(16))
	}
	var out bytes.Buffer
	if err := jpeg.Encode(&out, img, &jpeg.Options{Quality: 80}); err != nil {
		b.Fatal(err)
	}
	return out.Bytes()
}
