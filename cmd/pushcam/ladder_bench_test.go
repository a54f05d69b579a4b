package main

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/pushcam/pushcam/capture"
	"github.com/pushcam/pushcam/capture/pattern"
	"github.com/pushcam/pushcam/capture/x264"
)

// BenchmarkFiguresLadder measures what each rung adds: the process's CPU per
// picture of 720p30, drawing it included, with a viewer on each of the rungs.
func BenchmarkFiguresLadder(b *testing.B) {
	all := []capture.Rung{capture.Full, capture.Half, capture.Quarter}
	for n := range all {
		rungs := all[:n+1]
		b.Run("down-to-"+rungs[n].String(), func(b *testing.B) {
			var used time.Duration
			pictures := 0
			for b.Loop() {
				more, frames := ladderCPU(b, rungs)
				used, pictures = used+more, pictures+frames
			}
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(used.Seconds()*1000/float64(pictures), "ms-cpu/picture")
		})
	}
}

// ladderCPU takes three seconds, after one to settle.
func ladderCPU(b *testing.B, rungs []capture.Rung) (used time.Duration, pictures int) {
	b.Helper()
	source, err := capture.NewSource(capture.SourceConfig{
		Camera: &pattern.Camera{Size: capture.Size{Width: 1280, Height: 720}, FrameRate: 30},
		Encoders: map[capture.Codec]capture.NewEncoderFunc{
			capture.H264: func(cfg capture.EncoderConfig) (capture.Encoder, error) { return x264.New(cfg) },
		},
		Encoding: capture.EncoderConfig{Bitrate: 2 * capture.Mbps, FrameRate: 30},
		Scale:    scaler(),
	})
	if err != nil {
		b.Fatal(err)
	}
	ctx, cancel := context.WithCancel(b.Context())
	ended := make(chan error, 1)
	go func() { ended <- source.Run(ctx) }()
	var viewers sync.WaitGroup
	for _, rung := range rungs {
		viewer, err := source.Subscribe(capture.H264)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := viewer.Next(ctx); err != nil {
			b.Fatal(err)
		}
		viewer.Move(rung)
		viewers.Go(func() {
			for {
				if _, err := viewer.Next(ctx); err != nil {
					return
				}
			}
		})
	}
	<-time.After(time.Second)
	frames := source.Stats().Frames
	before, err := machine{}.CPUTime()
	if err != nil {
		b.Fatal(err)
	}
	<-time.After(3 * time.Second)
	after, err := machine{}.CPUTime()
	if err != nil {
		b.Fatal(err)
	}
	stats := source.Stats()
	if len(stats.Renditions) != len(rungs) {
		b.Errorf("%d renditions, want %d", len(stats.Renditions), len(rungs))
	}
	cancel()
	viewers.Wait()
	if err := <-ended; err != nil {
		b.Error(err)
	}
	return after - before, int(stats.Frames - frames)
}
