package main

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/pushcam/pushcam/capture"
	"github.com/pushcam/pushcam/capture/capturetest"
	"github.com/pushcam/pushcam/capture/pattern"
	"github.com/pushcam/pushcam/capture/x264"
)

// BenchmarkFiguresReplug measures what the program adds to an unplugged and
// replugged camera, by one that opens in no time and has its first picture 33 ms
// later: from its error to the state, and to the encoded Slate; from the word
// that it may be back to its encoded picture.
func BenchmarkFiguresReplug(b *testing.B) {
	var noticed, slates, back []float64
	for b.Loop() {
		n, s, r := replug(b)
		noticed, slates, back = append(noticed, n), append(slates, s), append(back, r)
	}
	median := func(v []float64) float64 {
		slices.Sort(v)
		return v[len(v)/2]
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(median(noticed), "noticed-ms")
	b.ReportMetric(median(slates), "slate-ms")
	b.ReportMetric(median(back), "picture-ms")
}

// replug does it once and returns the three times in milliseconds.
func replug(b *testing.B) (noticed, slate, back float64) {
	b.Helper()
	missing := capturetest.Opening{OpenErr: errors.New("no such camera")}
	live := capturetest.Opening{Frames: capturetest.Endless}
	camera := capturetest.NewFakeCamera(capture.Size{Width: 1280, Height: 720}, live, missing, live)
	source, err := capture.NewSource(capture.SourceConfig{
		Camera: camera,
		Encoders: map[capture.Codec]capture.NewEncoderFunc{
			capture.H264: func(cfg capture.EncoderConfig) (capture.Encoder, error) { return x264.New(cfg) },
		},
		Encoding:  capture.EncoderConfig{Bitrate: 2 * capture.Mbps, FrameRate: 30},
		Slate:     new(pattern.Slate).Draw,
		SlateSize: capture.Size{Width: 1280, Height: 720},
	})
	if err != nil {
		b.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(b.Context(), time.Minute)
	ended := make(chan error, 1)
	go func() { ended <- source.Run(ctx) }()
	defer func() {
		cancel()
		if err := <-ended; err != nil {
			b.Error(err)
		}
	}()
	viewer, err := source.Subscribe(capture.H264)
	if err != nil {
		b.Fatal(err)
	}
	defer viewer.Close()
	keyframe := func() {
		for {
			au, err := viewer.Next(ctx)
			if err != nil {
				b.Fatal(err)
			}
			if au.Keyframe {
				return
			}
		}
	}
	keyframe()
	// Keyframes have a distance that they keep, also from this one.
	for until := time.Now().Add(500 * time.Millisecond); time.Now().Before(until); {
		if _, err := viewer.Next(ctx); err != nil {
			b.Fatal(err)
		}
	}
	since := func(t time.Time) float64 { return time.Since(t).Seconds() * 1000 }

	lost := make(chan float64, 1)
	start := time.Now()
	go func() {
		for {
			status, changed := source.Status()
			if status.State == capture.Lost {
				lost <- since(start)
				return
			}
			select {
			case <-changed:
			case <-ctx.Done():
				lost <- 0
				return
			}
		}
	}()
	camera.Unplug(capturetest.ErrUnplugged)
	keyframe() // of the Slate
	slate = since(start)
	noticed = <-lost
	for camera.Counts().Attempts < 2 { // the next one finds it
		if _, err := viewer.Next(ctx); err != nil {
			b.Fatal(err)
		}
	}
	start = time.Now()
	source.Retry()
	keyframe()
	return noticed, slate, since(start)
}
