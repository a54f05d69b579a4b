package capture_test

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pushcam/pushcam/capture"
	"github.com/pushcam/pushcam/capture/capturetest"
)

// workshop is a Source whose encoders take as long as a test says.
type workshop struct {
	t      *testing.T
	source *capture.Source
	camera *capturetest.FakeCamera
	log    bytes.Buffer
	stop   func()

	mu      sync.Mutex
	cost    func(preset string, size capture.Size) time.Duration
	presets []string // of the encoders that were made
	used    time.Duration
	health  capture.Health
	single  bool // one core encodes, which all share
	open    int  // encoders
}

func (w *workshop) CPUTime() (time.Duration, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.used, nil
}

func (w *workshop) Health() capture.Health {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.health
}

// set changes the cost of pictures, for all that follow.
func (w *workshop) set(cost func(preset string, size capture.Size) time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.cost = cost
}

func (w *workshop) setHealth(h capture.Health) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.health = h
}

// byPixels is a cost of so much for 320x180.
func byPixels(d time.Duration) func(string, capture.Size) time.Duration {
	return func(_ string, s capture.Size) time.Duration { return d * time.Duration(s.Pixels()) / (320 * 180) }
}

func newWorkshop(t *testing.T, opening capturetest.Opening, cpu capture.CPUConfig, scale func(dst, src *capture.Frame) error) *workshop {
	t.Helper()
	w := &workshop{t: t, cost: byPixels(time.Millisecond)}
	w.camera = capturetest.NewFakeCamera(capture.Size{Width: 320, Height: 180}, opening)
	cpu.Machine = w
	if cpu.Cores == 0 {
		cpu.Cores = 2
	}
	newEncoder := func(codec capture.Codec) capture.NewEncoderFunc {
		return func(cfg capture.EncoderConfig) (capture.Encoder, error) {
			e, err := capturetest.NewFakeEncoder(codec, cfg)
			w.mu.Lock()
			w.presets = append(w.presets, cfg.Preset)
			w.open++
			w.mu.Unlock()
			return &worker{e, w, cfg.Preset}, err
		}
	}
	source, err := capture.NewSource(capture.SourceConfig{
		Camera:   w.camera,
		Encoders: map[capture.Codec]capture.NewEncoderFunc{capture.H264: newEncoder(capture.H264), capture.VP8: newEncoder(capture.VP8)},
		Encoding: capture.EncoderConfig{Bitrate: capture.Mbps, FrameRate: 30},
		Scale:    scale,
		CPU:      cpu,
		Linger:   time.Second,
		Log:      slog.New(slog.NewTextHandler(&w.log, nil)),
	})
	if err != nil {
		t.Fatal(err)
	}
	w.source = source
	w.stop = run(t, source)
	t.Cleanup(w.stop)
	return w
}

// worker is a FakeEncoder that takes its time.
type worker struct {
	*capturetest.FakeEncoder
	workshop *workshop
	preset   string
}

func (e *worker) Encode(f *capture.Frame, force bool) (*capture.AccessUnit, error) {
	w := e.workshop
	w.mu.Lock()
	d := w.cost(e.preset, f.Size)
	w.used += d
	if w.single {
		d *= time.Duration(w.open)
	}
	w.mu.Unlock()
	<-time.After(d)
	return e.FakeEncoder.Encode(f, force)
}

func (e *worker) Close() error {
	e.workshop.mu.Lock()
	e.workshop.open--
	e.workshop.mu.Unlock()
	return e.FakeEncoder.Close()
}

// view is what one viewer saw in a while.
type view struct {
	pictures, keyframes int
	longest             time.Duration // without a picture
	last                capture.Size
}

// watch looks for so long.
func (w *workshop) watch(s *capture.Subscription, long time.Duration) (v view) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), long)
	defer cancel()
	before := time.Now()
	for {
		au, err := s.Next(ctx)
		if ctx.Err() != nil {
			return v
		}
		if err != nil {
			w.t.Fatal(err)
		}
		v.longest = max(v.longest, time.Since(before))
		before = time.Now()
		v.pictures++
		v.last = au.Size
		if au.Keyframe {
			v.keyframes++
		}
	}
}

func (w *workshop) subscribe(codec capture.Codec) *capture.Subscription {
	w.t.Helper()
	s, err := w.source.Subscribe(codec)
	if err != nil {
		w.t.Fatal(err)
	}
	return s
}

func (w *workshop) detail() string {
	synctest.Wait()
	status, _ := w.source.Status()
	return status.Detail
}

// TestEffortFollowsTheEncoder: a picture that takes too long is shown at a lower
// rate, one that takes much too long smaller, too; and all of it comes back.
func TestEffortFollowsTheEncoder(t *testing.T) {
	for _, scale := range []string{"a scaler", "none"} {
		t.Run("with "+scale, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var scaler func(dst, src *capture.Frame) error
				var scaled atomic.Int32
				if scale != "none" {
					scaler = func(dst, src *capture.Frame) error {
						scaled.Add(1)
						copy(dst.Y, src.Y)
						return nil
					}
				}
				w := newWorkshop(t, capturetest.Opening{Frames: capturetest.Endless}, capture.CPUConfig{}, scaler)
				s := w.subscribe(capture.H264)
				if v := w.watch(s, 5*time.Second); v.pictures < 145 || w.detail() != "" {
					t.Fatalf("%d pictures in 5 s, detail %q", v.pictures, w.detail())
				}
				w.set(byPixels(45 * time.Millisecond))
				w.watch(s, 3*time.Second)
				if got := w.detail(); got != "320x180 at 15 fps to spare the CPU" {
					t.Fatalf("detail %q", got)
				}
				v := w.watch(s, 5*time.Second)
				if v.pictures < 73 || v.pictures > 77 || v.keyframes > 0 || v.longest > 100*time.Millisecond {
					t.Errorf("at 15 fps: %+v in 5 s", v)
				}
				w.set(byPixels(150 * time.Millisecond))
				w.watch(s, 4*time.Second)
				if got := w.detail(); got != "160x90 at 15 fps to spare the CPU" {
					t.Fatalf("detail %q", got)
				}
				v = w.watch(s, 5*time.Second)
				if v.last != (capture.Size{Width: 160, Height: 90}) || v.keyframes > 0 || v.longest > 100*time.Millisecond {
					t.Errorf("at half size: %+v", v)
				}
				stats := w.source.Stats()
				if stats.Lowered != 2 || stats.Renditions[0].Effort != (capture.Effort{Every: 2, Halvings: 1}) || stats.Drops[capture.DropSpared] < 100 {
					t.Errorf("stats %+v", stats)
				}
				if (scaled.Load() > 0) != (scale != "none") {
					t.Errorf("scaled %d times", scaled.Load())
				}
				w.set(byPixels(5 * time.Millisecond))
				v = w.watch(s, 40*time.Second)
				if stats := w.source.Stats(); w.detail() != "" || stats.Raised != 3 || stats.Renditions[0].Effort != (capture.Effort{}) {
					t.Errorf("fast again: %q, stats %+v", w.detail(), stats)
				}
				if v.keyframes != 1 || v.longest > 200*time.Millisecond || v.last.Width != 320 {
					t.Errorf("on the way back: %+v, want one keyframe for the new size", v)
				}
				w.stop()
				if n := strings.Count(w.log.String(), "effort "); n != 5 {
					t.Errorf("%d steps logged, want 5:\n%s", n, w.log.String())
				}
			})
		})
	}
}

// TestEffortOfDecoding: what is left out of the pictures is not decoded.
func TestEffortOfDecoding(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorkshop(t, capturetest.Opening{Frames: capturetest.Endless, Decoding: 40 * time.Millisecond}, capture.CPUConfig{}, nil)
		s := w.subscribe(capture.H264)
		w.watch(s, 3*time.Second)
		if got := w.detail(); got != "320x180 at 15 fps to spare the CPU" {
			t.Fatalf("detail %q", got)
		}
		before := w.source.Stats()
		v := w.watch(s, 10*time.Second)
		after := w.source.Stats()
		if frames := after.Frames - before.Frames; frames < 140 || frames > 155 || v.pictures < 140 {
			t.Errorf("%d frames decoded, %d pictures in 10 s, want about 150", frames, v.pictures)
		}
		if spared := after.Drops[capture.DropSpared] - before.Drops[capture.DropSpared]; spared < 140 || spared > 155 {
			t.Errorf("%d frames spared, want about 150", spared)
		}
		// Somebody who wants another codec wants all pictures again.
		other := w.subscribe(capture.VP8)
		w.watch(other, time.Second)
		if frames := w.source.Stats().Frames - after.Frames; frames < 20 {
			t.Errorf("%d frames in the first second of another viewer", frames)
		}
		w.stop()
	})
}

func TestEffortOfPresets(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorkshop(t, capturetest.Opening{Frames: capturetest.Endless}, capture.CPUConfig{
			Presets: map[capture.Codec][]capture.Preset{capture.H264: {{Name: "slow", Cost: 4}, {Name: "quick", Cost: 2}, {Name: "hasty", Cost: 1}}},
		}, nil)
		w.set(func(preset string, _ capture.Size) time.Duration {
			if preset == "quick" {
				return 20 * time.Millisecond
			}
			return 40 * time.Millisecond
		})
		s := w.subscribe(capture.H264)
		v := w.watch(s, 5*time.Second)
		if got := w.detail(); got != "encoder preset quick to spare the CPU" {
			t.Errorf("detail %q", got)
		}
		if v.keyframes != 2 || v.longest > 300*time.Millisecond {
			t.Errorf("%+v, want a keyframe at the switch", v)
		}
		if strings.Join(w.presets, ",") != ",quick" {
			t.Errorf("presets %q", w.presets)
		}
		if v := w.watch(s, 5*time.Second); v.keyframes != 0 || v.pictures < 145 {
			t.Errorf("after the switch: %+v", v)
		}
		w.stop()
	})
}

// TestEffortWithinCores: two encoders share what the process may use, and one
// steps down at a time.
func TestEffortWithinCores(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorkshop(t, capturetest.Opening{Frames: capturetest.Endless}, capture.CPUConfig{MaxCores: 0.5}, nil)
		w.set(byPixels(12 * time.Millisecond))
		one, other := w.subscribe(capture.H264), w.subscribe(capture.VP8)
		var both sync.WaitGroup
		both.Go(func() { w.watch(one, 20*time.Second) })
		both.Go(func() { w.watch(other, 20*time.Second) })
		both.Wait()
		if got := w.detail(); !strings.Contains(got, " at 15 fps to use no more than 0.5 cores") || strings.Contains(got, ";") {
			t.Errorf("detail %q, want one of both at half rate", got)
		}
		before, _ := w.CPUTime()
		both.Go(func() { w.watch(one, 20*time.Second) })
		both.Go(func() { w.watch(other, 20*time.Second) })
		both.Wait()
		after, _ := w.CPUTime()
		if cores := (after - before).Seconds() / 20; cores > 0.55 || cores < 0.3 {
			t.Errorf("%.2f cores used, may be 0.5", cores)
		}
		w.stop()
	})
}

func TestEffortWhileHot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorkshop(t, capturetest.Opening{Frames: capturetest.Endless}, capture.CPUConfig{}, nil)
		w.set(byPixels(20 * time.Millisecond))
		s := w.subscribe(capture.H264)
		w.watch(s, time.Second)
		w.setHealth(capture.Health{Throttled: true, UnderVoltage: true})
		w.watch(s, 10*time.Second)
		want := "320x180 at 15 fps to cool the processor; the power supply is too weak (under-voltage)"
		if got := w.detail(); got != want {
			t.Errorf("detail %q, want %q", got, want)
		}
		w.setHealth(capture.Health{UnderVoltage: true})
		w.watch(s, 20*time.Second)
		if got := w.detail(); got != "the power supply is too weak (under-voltage)" {
			t.Errorf("detail %q", got)
		}
		w.setHealth(capture.Health{})
		w.watch(s, 4*time.Second)
		if got := w.detail(); got != "" {
			t.Errorf("detail %q", got)
		}
		w.stop()
		if n := strings.Count(w.log.String(), "power supply"); n != 1 {
			t.Errorf("the power supply is mentioned %d times in the log", n)
		}
	})
}
