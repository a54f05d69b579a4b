//go:build unix

package jpeg

import (
	"bytes"
	"image"
	"image/jpeg"
	"testing"
	"time"

	"github.com/pushcam/pushcam/capture"
	"github.com/pushcam/pushcam/capture/capturetest"
)

// BenchmarkFiguresDecode720p is a webcam's picture, beside image/jpeg in the same
// run.
func BenchmarkFiguresDecode720p(b *testing.B) {
	size := capture.Size{Width: 1280, Height: 720}
	f := capturetest.NewScene(size, 30, time.Unix(0, 0)).Frame(0, 0)
	img := &image.YCbCr{
		Y: f.Y, Cb: f.U, Cr: f.V, YStride: f.YStride, CStride: f.UVStride,
		SubsampleRatio: image.YCbCrSubsampleRatio420, Rect: image.Rect(0, 0, size.Width, size.Height),
	}
	var data bytes.Buffer
	if err := jpeg.Encode(&data, img, &jpeg.Options{Quality: 80}); err != nil {
		b.Fatal(err)
	}
	d, pool := newDecoder(b), new(capture.FramePool)
	var ours, baseline time.Duration
	cpu := func() time.Duration {
		used, err := capturetest.CPUTime()
		if err != nil {
			b.Fatal(err)
		}
		return used
	}
	b.ReportAllocs()
	for b.Loop() {
		start := cpu()
		f, err := d.Decode(pool, data.Bytes())
		if err != nil {
			b.Fatal(err)
		}
		f.Release()
		ours += cpu() - start

		b.StopTimer() // so that allocs/op is ours alone
		start = cpu()
		if _, err := jpeg.Decode(bytes.NewReader(data.Bytes())); err != nil {
			b.Fatal(err)
		}
		baseline += cpu() - start
		b.StartTimer()
	}
	b.ReportMetric(ours.Seconds()*1000/float64(b.N), "cpu-ms/frame")
	b.ReportMetric(baseline.Seconds()*1000/float64(b.N), "baseline-cpu-ms/frame")
	b.ReportMetric(float64(ours)/float64(baseline), "ratio")
}
