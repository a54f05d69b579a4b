//go:build unix

package capturetest

import (
	"fmt"
	"image"
	"testing"
	"time"

	"github.com/pushcam/pushcam/capture"
)

// BaselineEncoder encodes one picture with something else, to compare with.
type BaselineEncoder func(*image.YCbCr) error

// BenchmarkEncoder reports the CPU time that a 720p picture at 2 Mbit/s and 30
// pictures a second takes, in all threads, beside a baseline's in the same run.
func BenchmarkEncoder(b *testing.B, newEncoder NewEncoder, baseline BaselineEncoder) {
	size := capture.Size{Width: 1280, Height: 720}
	e, err := newEncoder(capture.EncoderConfig{Bitrate: 2 * capture.Mbps, FrameRate: 30})
	if err != nil {
		b.Fatal(err)
	}
	defer closeEncoder(b, e)
	scene := NewScene(size, 30, time.Unix(1e9, 0))
	var ours, theirs time.Duration
	wall := time.Duration(0)
	i := 0
	for b.Loop() {
		f := scene.Frame(i, 0)
		img := &image.YCbCr{
			Y: f.Y, Cb: f.U, Cr: f.V, YStride: f.YStride, CStride: f.UVStride,
			SubsampleRatio: image.YCbCrSubsampleRatio420, Rect: image.Rect(0, 0, size.Width, size.Height),
		}
		start := time.Now()
		ours += cpuOf(b, func() error { _, err := e.Encode(f, false); return err })
		wall += time.Since(start)
		theirs += cpuOf(b, func() error { return baseline(img) })
		i++
	}
	perFrame := func(d time.Duration) float64 { return d.Seconds() * 1000 / float64(i) }
	b.ReportMetric(perFrame(ours), "cpu-ms/frame")
	b.ReportMetric(perFrame(wall), "wall-ms/frame")
	b.ReportMetric(perFrame(theirs), "baseline-cpu-ms/frame")
	b.ReportMetric(float64(ours)/float64(theirs), "ratio")
}

// BenchmarkRates reports what rate control reaches in 720p at 2 Mbit/s.
func BenchmarkRates(b *testing.B, newEncoder NewEncoder) {
	for _, rate := range []float64{10, 15, 30} {
		b.Run(fmt.Sprintf("fps=%g", rate), func(b *testing.B) {
			var got Rates
			for b.Loop() {
				got = MeasureRates(b, newEncoder, RateConfig{
					Size:    capture.Size{Width: 1280, Height: 720},
					Bitrate: 2 * capture.Mbps,
					Nominal: rate,
					Real:    rate,
				})
			}
			b.ReportMetric(got.Error, "bitrate-error-%")
			b.ReportMetric(got.Keyframe, "keyframe/avg")
			b.ReportMetric(got.Largest, "largest-other/avg")
		})
	}
}

// BenchmarkLayers reports what layers cost in 720p at 2 Mbit/s and 30 pictures a
// second: CPU time of a picture, and dB; and what they make of the bitrate.
func BenchmarkLayers(b *testing.B, codec capture.Codec, newEncoder NewEncoder) {
	size := capture.Size{Width: 1280, Height: 720}
	encode := func(newEncoder NewEncoder) (quality, cpu float64, layers [3]float64) {
		e, err := newEncoder(capture.EncoderConfig{Bitrate: 2 * capture.Mbps, FrameRate: 30})
		if err != nil {
			b.Fatal(err)
		}
		defer closeEncoder(b, e)
		const pictures, settled = 120, 60
		scene := NewScene(size, 30, time.Unix(1e9, 0))
		var units []*capture.AccessUnit
		var spent time.Duration
		total := 0.0
		for i := range pictures {
			f := scene.Frame(i, 0)
			spent += cpuOf(b, func() error {
				au, err := e.Encode(f, false)
				units = append(units, au)
				return err
			})
			if au := units[i]; i >= settled {
				layers[au.Layer] += float64(len(au.Payload))
				total += float64(len(au.Payload))
			}
		}
		for i, luma := range DecodeLuma(b, codec, size, units) {
			if i >= settled {
				quality += psnr(scene.Frame(i, 0), luma) / (pictures - settled)
			}
		}
		for i := range layers {
			layers[i] *= 100 / total
		}
		return quality, spent.Seconds() * 1000 / pictures, layers
	}
	for b.Loop() {
		without, cheaper, _ := encode(newEncoder)
		with, dearer, layers := encode(Layered(b, newEncoder))
		b.ReportMetric(without-with, "dB-lost")
		b.ReportMetric(dearer/cheaper, "cpu-ratio")
		b.ReportMetric(layers[0], "layer-0-%")
		b.ReportMetric(layers[0]+layers[1], "layers-0-1-%")
	}
}

func cpuOf(b *testing.B, f func() error) time.Duration {
	b.Helper()
	before, err := CPUTime()
	if err != nil {
		b.Fatal(err)
	}
	if err := f(); err != nil {
		b.Fatal(err)
	}
	after, err := CPUTime()
	if err != nil {
		b.Fatal(err)
	}
	return after - before
}
