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
)

// stairs is a Source whose ladder has all rungs, with encoders that take as long
// as a test says and note what is asked of them. Its camera numbers its
// pictures by their brightness.
type stairs struct {
	t      *testing.T
	source *capture.Source
	camera *capturetest.FakeCamera
	log    bytes.Buffer
	stop   func()

	mu     sync.Mutex
	cost   func(width int, first bool) time.Duration // of a picture
	fail   map[int]bool                              // by width
	forced map[int]int                               // keyframes asked for, by width
	rates  map[int]capture.Bitrate                   // the newest, by width
	open   int
}

var (
	stairsSize  = capture.Size{Width: 640, Height: 360}
	quickEncode = func(int, bool) time.Duration { return 0 }
)

func newStairs(t *testing.T, script ...capturetest.Opening) *stairs {
	t.Helper()
	b := &stairs{
		t: t, camera: capturetest.NewFakeCamera(stairsSize, script...), cost: quickEncode,
		fail: map[int]bool{}, forced: map[int]int{}, rates: map[int]capture.Bitrate{},
	}
	source, err := capture.NewSource(capture.SourceConfig{
		Camera:   b.camera,
		Encoders: map[capture.Codec]capture.NewEncoderFunc{capture.H264: b.newEncoder, capture.VP8: b.newEncoder},
		Encoding: capture.EncoderConfig{Bitrate: 2 * capture.Mbps, FrameRate: 30},
		Scale: func(dst, src *capture.Frame) error {
			dst.Y[0] = src.Y[0]
			return nil
		},
		Linger: 5 * time.Second,
		Slate: func(size capture.Size, _ capture.Status, _ time.Time) *capture.Frame {
			return capture.NewFrame(size)
		},
		SlateSize: stairsSize,
		Log:       slog.New(slog.NewTextHandler(&b.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	})
	if err != nil {
		t.Fatal(err)
	}
	b.source = source
	stop := run(t, source)
	b.stop = sync.OnceFunc(func() {
		stop()
		if b.open != 0 {
			t.Errorf("%d encoders open at the end", b.open)
		}
	})
	t.Cleanup(b.stop)
	return b
}

func (b *stairs) newEncoder(cfg capture.EncoderConfig) (capture.Encoder, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.open++
	return &stair{stairs: b, told: cfg.Bitrate}, nil
}

// stair is an Encoder whose payload is the brightness of the picture.
type stair struct {
	stairs *stairs
	size   capture.Size
	told   capture.Bitrate
}

func (e *stair) Encode(f *capture.Frame, force bool) (*capture.AccessUnit, error) {
	key := force || f.Size != e.size
	b := e.stairs
	b.mu.Lock()
	cost, fail := b.cost(f.Width, e.size.Width == 0), b.fail[f.Width]
	if force {
		b.forced[f.Width]++
	}
	b.rates[f.Width] = e.told
	b.mu.Unlock()
	if cost > 0 {
		<-time.After(cost)
	}
	if fail {
		return nil, errors.New("encode: out of luck")
	}
	e.size = f.Size
	if f.Coded != nil {
		return &capture.AccessUnit{Codec: capture.H264, Size: f.Size, Keyframe: true, Time: f.Time, Payload: f.Coded.Payload}, nil
	}
	return &capture.AccessUnit{Codec: capture.H264, Size: f.Size, Keyframe: key, Time: f.Time, Payload: []byte{f.Y[0]}}, nil
}

func (e *stair) SetBitrate(to capture.Bitrate) error {
	e.told = to
	return nil
}

func (e *stair) Close() error {
	e.stairs.mu.Lock()
	defer e.stairs.mu.Unlock()
	e.stairs.open--
	return nil
}

func (b *stairs) set(f func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	f()
}

// rungs is which renditions are in use, as "full half".
func (b *stairs) rungs() string {
	synctest.Wait()
	var out []string
	for _, r := range b.source.Stats().Renditions {
		out = append(out, r.Rung.String())
	}
	return strings.Join(out, " ")
}

func (b *stairs) keyframes(width int) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.forced[width]
}

func (b *stairs) rate(width int) capture.Bitrate {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.rates[width]
}

// climber is a viewer that holds a Subscription to what Move promises.
type climber struct {
	*stairs
	sub     *capture.Subscription
	last    *capture.AccessUnit
	changes int           // of rung
	longest time.Duration // without a picture
	missing int           // pictures of the camera
}

func (b *stairs) climber() *climber {
	b.t.Helper()
	sub, err := b.source.Subscribe(capture.H264)
	if err != nil {
		b.t.Fatal(err)
	}
	return &climber{stairs: b, sub: sub}
}

// watch looks for so long.
func (c *climber) watch(long time.Duration) {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(c.t.Context(), long)
	defer cancel()
	before := time.Now()
	for {
		au, err := c.sub.Next(ctx)
		c.longest = max(c.longest, time.Since(before))
		if err != nil {
			if ctx.Err() == nil && !errors.Is(err, capture.ErrClosed) {
				c.t.Errorf("next: %v", err)
			}
			return
		}
		before = time.Now()
		c.take(au)
	}
}

func (c *climber) take(au *capture.AccessUnit) {
	c.t.Helper()
	if want := stairsSize.Width >> au.Rung; au.Size.Width != want {
		c.t.Errorf("rung %v, %v", au.Rung, au.Size)
	}
	last := c.last
	c.last = au
	if last == nil {
		if !au.Keyframe {
			c.t.Error("begins with no keyframe")
		}
		return
	}
	if !au.Time.After(last.Time) {
		c.t.Errorf("%v %v after %v %v: %v earlier", au.Rung, au.Keyframe, last.Rung, last.Keyframe, last.Time.Sub(au.Time))
	}
	if au.Rung != last.Rung {
		c.changes++
		if !au.Keyframe {
			c.t.Errorf("goes over from %v to %v without a keyframe", last.Rung, au.Rung)
		}
	}
	if !au.Slate && !last.Slate {
		c.missing += int(au.Payload[0]-last.Payload[0]) - 1
	}
}

// steady reports what the viewer saw of an interruption since the last call.
func (c *climber) steady(longest time.Duration) {
	c.t.Helper()
	if c.missing != 0 || c.longest > longest {
		c.t.Errorf("%d pictures missing, %v without one", c.missing, c.longest)
	}
	c.missing, c.longest = 0, 0
}
