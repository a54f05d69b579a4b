package capture_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/pushcam/pushcam/capture"
	"github.com/pushcam/pushcam/capture/capturetest"
)

// prompt is a camera whose pictures are dated to the moment Read returns them.
type prompt struct {
	*time.Ticker
	size   capture.Size
	pool   capture.FramePool
	closed chan struct{}
}

func (c *prompt) Name() string                                      { return "prompt camera" }
func (c *prompt) Open(context.Context) (capture.FrameReader, error) { return c, nil }
func (c *prompt) Mode() capture.Mode {
	return capture.Mode{Size: c.size, FrameRate: 100, Format: "I420"}
}
func (c *prompt) Close() error { c.Stop(); close(c.closed); return nil }
func (c *prompt) Read() (*capture.Frame, error) {
	select {
	case <-c.C:
	case <-c.closed:
		return nil, capturetest.ErrUnplugged
	}
	f := c.pool.Get(c.size)
	f.Time = time.Now()
	return f, nil
}

// notices is an encoder that tells how old each Frame is when its turn comes.
type notices struct {
	*capturetest.FakeEncoder
	ages chan<- time.Duration
}

func (e *notices) Encode(f *capture.Frame, force bool) (*capture.AccessUnit, error) {
	e.ages <- time.Since(f.Time)
	return e.FakeEncoder.Encode(f, force)
}

// BenchmarkFiguresHandover measures the time from a camera's Read to the Encode
// of the picture, 100 times a second: the slot, and the scheduler's waking.
func BenchmarkFiguresHandover(b *testing.B) {
	ages := make(chan time.Duration, 1)
	camera := &prompt{Ticker: time.NewTicker(10 * time.Millisecond), size: capture.Size{Width: 1280, Height: 720}, closed: make(chan struct{})}
	source, err := capture.NewSource(capture.SourceConfig{
		Camera: camera,
		Encoders: map[capture.Codec]capture.NewEncoderFunc{capture.H264: func(cfg capture.EncoderConfig) (capture.Encoder, error) {
			e, err := capturetest.NewFakeEncoder(capture.H264, cfg)
			return &notices{e, ages}, err
		}},
		Encoding: capture.EncoderConfig{Bitrate: capture.Mbps, FrameRate: 30},
	})
	if err != nil {
		b.Fatal(err)
	}
	ctx, cancel := context.WithCancel(b.Context())
	done := make(chan error, 1)
	go func() { done <- source.Run(ctx) }()
	subscription, err := source.Subscribe(capture.H264)
	if err != nil {
		b.Fatal(err)
	}
	drained := make(chan struct{})
	go func() {
		defer close(drained)
		for {
			if _, err := subscription.Next(ctx); err != nil {
				return
			}
		}
	}()
	<-ages // the first one waited for the encoder to be made
	var all []time.Duration
	for b.Loop() {
		all = append(all, <-ages)
	}
	cancel()
	go func() { // for an Encode that is under way
		for range ages {
		}
	}()
	<-drained
	if err := <-done; err != nil {
		b.Error(err)
	}
	close(ages)
	slices.Sort(all)
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(float64(all[len(all)/2])/1e6, "p50-ms")
	b.ReportMetric(float64(all[len(all)*99/100])/1e6, "p99-ms")
}
