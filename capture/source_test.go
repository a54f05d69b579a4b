package capture_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pushcam/pushcam/capture"
	"github.com/pushcam/pushcam/capture/capturetest"
)

var testSize = capture.Size{Width: 32, Height: 16}

// bench is a Source on a scripted camera, with encoders that note what is asked
// of them.
type bench struct {
	t      *testing.T
	source *capture.Source
	camera *capturetest.FakeCamera
	stop   func()

	mu       sync.Mutex
	fail     int           // so many Encodes fail
	encoding time.Duration // that each Encode takes
	made     int           // encoders
	open     int           // of those
	forced   int           // keyframes asked for
}

// run runs source until stop, which waits and may be called again.
func run(t *testing.T, source *capture.Source) (stop func()) {
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- source.Run(ctx) }()
	return sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Run: %v", err)
		}
	})
}

func newBench(t *testing.T, script ...capturetest.Opening) *bench {
	t.Helper()
	return newBenchOf(t, capturetest.NewFakeCamera(testSize, script...), func(*capture.SourceConfig) {})
}

// newBenchOf is newBench with a camera and a configuration of its own.
func newBenchOf(t *testing.T, camera *capturetest.FakeCamera, change func(*capture.SourceConfig)) *bench {
	t.Helper()
	b := &bench{t: t, camera: camera}
	cfg := capture.SourceConfig{
		Camera:   b.camera,
		Encoders: map[capture.Codec]capture.NewEncoderFunc{capture.H264: b.newEncoder, capture.VP8: b.newEncoder},
		Encoding: capture.EncoderConfig{Bitrate: capture.Mbps, FrameRate: 30},
		Linger:   5 * time.Second,
	}
	change(&cfg)
	source, err := capture.NewSource(cfg)
	if err != nil {
		t.Fatal(err)
	}
	b.source = source
	stop := run(t, source)
	b.stop = sync.OnceFunc(func() {
		stop()
		if counts := b.camera.Counts(); counts.Open != 0 || counts.MostOpen > 1 {
			t.Errorf("camera: %d open at the end, %d at most", counts.Open, counts.MostOpen)
		}
		if b.open != 0 {
			t.Errorf("%d encoders open at the end", b.open)
		}
	})
	t.Cleanup(b.stop)
	return b
}

func (b *bench) newEncoder(capture.EncoderConfig) (capture.Encoder, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.made++
	b.open++
	return &noted{bench: b}, nil
}

type noted struct {
	bench *bench
	began bool
}

func (e *noted) Encode(f *capture.Frame, force bool) (*capture.AccessUnit, error) {
	e.bench.mu.Lock()
	fail, encoding := e.bench.fail > 0, e.bench.encoding
	if fail {
		e.bench.fail--
	}
	if force {
		e.bench.forced++
	}
	e.bench.mu.Unlock()
	if encoding > 0 {
		<-time.After(encoding)
	}
	if fail {
		return nil, errors.New("encode: out of luck")
	}
	key := force || !e.began
	e.began = true
	return &capture.AccessUnit{Codec: capture.VP8, Size: f.Size, Keyframe: key, Time: f.Time, Payload: []byte{f.Y[0], mark(f)}}, nil
}

// mark is the last byte of the picture's payload.
func mark(f *capture.Frame) byte {
	if f.Slate {
		return 1
	}
	return 0
}

func (e *noted) SetBitrate(capture.Bitrate) error { return nil }

func (e *noted) Close() error {
	e.bench.mu.Lock()
	defer e.bench.mu.Unlock()
	e.bench.open--
	return nil
}

func (b *bench) subscribe(codec capture.Codec) *capture.Subscription {
	b.t.Helper()
	s, err := b.source.Subscribe(codec)
	if err != nil {
		b.t.Fatal(err)
	}
	return s
}

func (b *bench) next(s *capture.Subscription) *capture.AccessUnit {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.t.Context(), time.Minute)
	defer cancel()
	au, err := s.Next(ctx)
	if err != nil {
		b.t.Fatalf("next: %v", err)
	}
	return au
}

func (b *bench) state() capture.State {
	synctest.Wait()
	status, _ := b.source.Status()
	return status.State
}

// await waits for a state to come.
func (b *bench) await(want capture.State) {
	b.t.Helper()
	deadline := time.After(time.Minute)
	for {
		status, changed := b.source.Status()
		if status.State == want {
			return
		}
		select {
		case <-changed:
		case <-deadline:
			b.t.Fatalf("state is %v (%s), want %v", status.State, status.Detail, want)
		}
	}
}

func TestSourceOpensOnDemandAndLingers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		if got := b.state(); got != capture.Idle {
			t.Fatalf("without viewers: %v", got)
		}
		first := b.subscribe(capture.H264)
		if au := b.next(first); !au.Keyframe {
			t.Error("the first picture is no keyframe")
		}
		second := b.subscribe(capture.H264)
		b.next(second)
		third := b.subscribe(capture.VP8)
		b.next(third)
		if stats := b.source.Stats(); stats.Encoders != 2 || stats.Subscriptions != 3 {
			t.Errorf("%d encoders for %d viewers of two codecs", stats.Encoders, stats.Subscriptions)
		}
		third.Close()
		synctest.Wait()
		if stats := b.source.Stats(); stats.Encoders != 1 {
			t.Errorf("%d encoders after the last viewer of one codec left", stats.Encoders)
		}
		first.Close()
		first.Close() // a second one does nothing
		b.next(second)
		second.Close()
		<-time.After(4 * time.Second)
		if got := b.state(); got != capture.Live {
			t.Errorf("4 s after the last viewer: %v, want live for 5 s", got)
		}
		<-time.After(2 * time.Second)
		if got := b.state(); got != capture.Idle {
			t.Errorf("6 s after the last viewer: %v", got)
		}
		b.next(b.subscribe(capture.H264))
		if got := b.camera.Counts().Opened; got != 2 {
			t.Errorf("camera opened %d times, want 2", got)
		}
		b.stop()
	})
}

func TestSourceComesBack(t *testing.T) {
	unplugged := capturetest.Opening{Frames: 5, End: capturetest.ErrUnplugged}
	missing := capturetest.Opening{OpenErr: errors.New("no such camera: plug it in")}
	for name, script := range map[string][]capturetest.Opening{
		"unplugged once":        {unplugged, {Frames: capturetest.Endless}},
		"away for a while":      {unplugged, missing, missing, missing, {Frames: capturetest.Endless}},
		"never there at first":  {missing, missing, {Frames: capturetest.Endless}},
		"opens, gives nothing":  {{End: capturetest.ErrUnplugged}, {Frames: capturetest.Endless}},
		"slow to open":          {{OpenDelay: 20 * time.Second, Frames: capturetest.Endless}},
		"slow to close":         {{Frames: 5, End: capturetest.ErrUnplugged, CloseDelay: 5 * time.Second}, {Frames: capturetest.Endless}},
		"back with other size":  {unplugged, {Frames: capturetest.Endless, Size: capture.Size{Width: 64, Height: 64}}},
		"fails while it closes": {{Frames: 5, End: capturetest.ErrUnplugged, CloseErr: errors.New("no such device")}, {Frames: capturetest.Endless}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBench(t, script...)
				one, other := b.subscribe(capture.H264), b.subscribe(capture.VP8)
				last := len(script)
				for b.camera.Counts().Opened == 0 || b.camera.Counts().Attempts < last {
					b.next(one)
				}
				for range 30 {
					b.next(one)
					b.next(other)
				}
				if got := b.state(); got != capture.Live {
					t.Errorf("state %v", got)
				}
				b.stop()
			})
		})
	}
}

func TestRetryCutsThePauseShort(t *testing.T) {
	missing := capturetest.Opening{OpenErr: errors.New("no camera")}
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, missing, missing, missing, missing, missing, missing, capturetest.Opening{Frames: capturetest.Endless})
		b.source.Retry() // too early to mean anything
		s := b.subscribe(capture.H264)
		<-time.After(4 * time.Second) // five attempts; the next is due in 4 s
		start := time.Now()
		b.source.Retry()
		synctest.Wait()
		b.source.Retry()
		b.next(s)
		if waited := time.Since(start); waited > 100*time.Millisecond {
			t.Errorf("waited %v for a camera that was there", waited)
		}
		if got := b.state(); got != capture.Live {
			t.Errorf("state %v", got)
		}
		b.stop()
	})
}

// TestPausesGrow is about a camera that works for a moment at every opening.
func TestPausesGrow(t *testing.T) {
	for name, tt := range map[string]struct {
		frames   int // of each opening, 30 a second
		openings int // in a minute
	}{
		"one picture at a time": {1, 18},
		"ten seconds at a time": {300, 6},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBench(t, capturetest.Opening{Frames: tt.frames, End: capturetest.ErrUnplugged})
				s := b.subscribe(capture.H264)
				go func() {
					for {
						if _, err := s.Next(context.Background()); err != nil {
							return
						}
					}
				}()
				<-time.After(time.Minute)
				if got := b.camera.Counts().Opened; got != tt.openings {
					t.Errorf("opened %d times in a minute, want %d", got, tt.openings)
				}
				b.stop()
			})
		})
	}
}

func TestSourceSaysWhy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, capturetest.Opening{OpenErr: errors.New("another program uses it")})
		s := b.subscribe(capture.H264)
		b.await(capture.Lost)
		for range 20 { // through many attempts the state stays
			status, changed := b.source.Status()
			if status.State != capture.Lost || status.Detail != "open fake camera: another program uses it" {
				t.Fatalf("status %+v", status)
			}
			select {
			case <-changed:
				t.Fatal("status changed though nothing did")
			case <-time.After(time.Second):
			}
		}
		s.Close()
		if got := b.state(); got != capture.Idle {
			t.Errorf("without viewers: %v", got)
		}
		b.stop()
	})
}

func TestSourceEnd(t *testing.T) {
	for name, script := range map[string]capturetest.Opening{
		"live":    {Frames: capturetest.Endless},
		"stalled": {Frames: 3},
		"opening": {OpenDelay: time.Hour},
		"lost":    {OpenErr: capturetest.ErrUnplugged},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBench(t, script)
				s := b.subscribe(capture.H264)
				failed := make(chan error, 1)
				go func() {
					for {
						if _, err := s.Next(context.Background()); err != nil {
							failed <- err
							return
						}
					}
				}()
				<-time.After(3 * time.Second)
				b.stop()
				if err := <-failed; !errors.Is(err, capture.ErrClosed) {
					t.Errorf("Next: %v, want ErrClosed", err)
				}
				if _, err := b.source.Subscribe(capture.H264); !errors.Is(err, capture.ErrClosed) {
					t.Errorf("Subscribe after the end: %v", err)
				}
				s.Close() // has nothing left to do
				if got := b.source.Stats().Subscriptions; got != 0 {
					t.Errorf("%d subscriptions left", got)
				}
			})
		})
	}
}

func TestSourceRefuses(t *testing.T) {
	camera := capturetest.NewFakeCamera(testSize)
	if _, err := capture.NewSource(capture.SourceConfig{Camera: camera}); err == nil {
		t.Error("NewSource took a bitrate of 0")
	}
	source, err := capture.NewSource(capture.SourceConfig{Camera: camera, Encoding: capture.EncoderConfig{Bitrate: capture.Mbps, FrameRate: 30}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := source.Subscribe(capture.VP8); err == nil {
		t.Error("Subscribe to a codec without an encoder")
	}
}
