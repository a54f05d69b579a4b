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

// BenchmarkRates reports what rate control reaches in 720p at 2 Mbit/s, and on
// the smaller rungs of a Ladder what a picture costs, too.
func BenchmarkRates(b *testing.B, newEncoder NewEncoder) {
	for _, c := range []struct {
		width, height int
		bitrate       capture.Bitrate
		rate          float64
	}{
		{1280, 720, 2 * capture.Mbps, 10},
		{1280, 720, 2 * capture.Mbps, 15},
		{1280, 720, 2 * capture.Mbps, 30},
		{640, 360, 500 * capture.Kbps, 30},
		{320, 180, 150 * capture.Kbps, 30},
		{160, 120, 80 * capture.Kbps, 30},
	} {
		size := capture.Size{Width: c.width, Height: c.height}
		b.Run(fmt.Sprintf("%v/%v/fps=%g", size, c.bitrate, c.rate), func(b *testing.B) {
			var got Rates
			meter := &cpuMeter{b: b}
			for b.Loop() {
				got = MeasureRates(b, meter.newEncoder(newEncoder), RateConfig{Size: size, Bitrate: c.bitrate, Nominal: c.rate, Real: c.rate})
			}
			b.ReportMetric(got.Error, "bitrate-error-%")
			b.ReportMetric(got.Keyframe, "keyframe/avg")
			b.ReportMetric(got.Largest, "largest-other/avg")
			b.ReportMetric(float64(got.Path.Milliseconds()), "path-ms")
			b.ReportMetric(meter.used.Seconds()*1000/float64(meter.pictures), "cpu-ms/frame")
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

// cpuMeter makes Encoders that tell it how much CPU they use.
type cpuMeter struct {
	b        *testing.B
	used     time.Duration
	pictures int
}

func (m *cpuMeter) newEncoder(newEncoder NewEncoder) NewEncoder {
	return func(c capture.EncoderConfig) (capture.Encoder, error) {
		e, err := newEncoder(c)
		return meteredEncoder{e, m}, err
	}
}

type meteredEncoder struct {
	capture.Encoder
	meter *cpuMeter
}

func (e meteredEncoder) Encode(f *capture.Frame, force bool) (au *capture.AccessUnit, err error) {
	e.meter.pictures++
	e.meter.used += cpuOf(e.meter.b, func() error {
		au, err = e.Encoder.Encode(f, force)
		return err
	})
	return au, err
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
