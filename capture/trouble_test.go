package capture_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pushcam/pushcam/capture"
	"github.com/pushcam/pushcam/capture/capturetest"
	"github.com/pushcam/pushcam/capture/passthrough"
)

// coding is a camera that encodes by itself, with a keyframe every so many
// pictures, and cannot be asked for one.
type coding struct {
	scene *capturetest.CodedScene
	every int
	count int

	closed chan struct{}
	once   sync.Once
}

func (c *coding) Name() string { return "coding camera" }

func (c *coding) Open(context.Context) (capture.FrameReader, error) { return c, nil }

func (c *coding) Mode() capture.Mode { return capture.Mode{Size: testSize, Format: "H264"} }

func (c *coding) Read() (*capture.Frame, error) {
	select {
	case <-c.closed:
		return nil, errors.New("read coding camera: closed")
	case <-time.After(time.Second / 30):
	}
	c.count++
	if c.count%c.every == 1 {
		return c.scene.Key(), nil
	}
	return c.scene.Delta(), nil
}

func (c *coding) Close() error {
	c.once.Do(func() { close(c.closed) })
	return nil
}

// run returns a Source of c, what it logs, and how to end it.
func (c *coding) run(t *testing.T) (*capture.Source, *bytes.Buffer, func()) {
	t.Helper()
	c.scene, c.closed = capturetest.NewCodedScene(t, testSize), make(chan struct{})
	var log bytes.Buffer
	source, err := capture.NewSource(capture.SourceConfig{
		Camera: c,
		Encoders: map[capture.Codec]capture.NewEncoderFunc{
			capture.H264: passthrough.New(nil),
			capture.VP8: func(cfg capture.EncoderConfig) (capture.Encoder, error) {
				return capturetest.NewFakeEncoder(capture.VP8, cfg)
			},
		},
		Encoding: capture.EncoderConfig{Bitrate: capture.Mbps, FrameRate: 30},
		Log:      slog.New(slog.NewTextHandler(&log, nil)),
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- source.Run(ctx) }()
	return source, &log, func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Run: %v", err)
		}
	}
}

func detail(source *capture.Source) string {
	synctest.Wait()
	status, _ := source.Status()
	return status.Detail
}

// TestForeignCodec: who cannot have what the camera encodes is told what to do,
// and the log is told once.
func TestForeignCodec(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &coding{every: 30}
		source, log, stop := c.run(t)
		s, err := source.Subscribe(capture.VP8)
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		if au, err := s.Next(ctx); err == nil {
			t.Errorf("got %v of a camera that delivers H.264", au.Codec)
		}
		if got := detail(source); !strings.Contains(got, "delivers h264 only") || !strings.Contains(got, "--codec vp8") {
			t.Errorf("status says %q", got)
		}
		stop()
		if n := strings.Count(log.String(), "encoder failed"); n != 1 {
			t.Errorf("logged %d times:\n%s", n, log)
		}
	})
}

// TestKeyframeWaits: who joins between the keyframes of a camera that cannot be
// asked for one is told, and begins with the next.
func TestKeyframeWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &coding{every: 120} // four seconds
		source, _, stop := c.run(t)
		defer stop()
		next := func(s *capture.Subscription) *capture.AccessUnit {
			t.Helper()
			au, err := s.Next(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			return au
		}
		subscribe := func() *capture.Subscription {
			t.Helper()
			s, err := source.Subscribe(capture.H264)
			if err != nil {
				t.Fatal(err)
			}
			return s
		}
		first := subscribe()
		for range 150 { // past the second keyframe
			next(first)
		}
		if got := detail(source); got != "" {
			t.Errorf("nobody waits, and status says %q", got)
		}
		second, got := subscribe(), make(chan *capture.AccessUnit)
		go func() { got <- next(second) }()
		for range 45 {
			next(first)
		}
		if got, want := detail(source), "waiting for the camera's next keyframe, which comes every 4 s"; got != want {
			t.Errorf("status says %q, want %q", got, want)
		}
		for range 60 {
			next(first)
		}
		if au := <-got; !au.Keyframe {
			t.Error("the second viewer does not begin with a keyframe")
		}
		next(first)
		if got := detail(source); got != "" {
			t.Errorf("nobody waits any more, and status says %q", got)
		}
	})
}
