//go:build unix

package jpeg

import (
	"bytes"
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
	data := capturetest.SceneJPEG(b, size)
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
		f, err := d.Decode(pool, data)
		if err != nil {
			b.Fatal(err)
		}
		f.Release()
		ours += cpu() - start

		b.StopTimer() // so that allocs/op is ours alone
		start = cpu()
		if _, err := jpeg.Decode(bytes.NewReader(data)); err != nil {
			b.Fatal(err)
		}
		baseline += cpu() - start
		b.StartTimer()
	}
	b.ReportMetric(ours.Seconds()*1000/float64(b.N), "cpu-ms/frame")
	b.ReportMetric(baseline.Seconds()*1000/float64(b.N), "baseline-cpu-ms/frame")
	b.ReportMetric(float64(ours)/float64(baseline), "ratio")
}
