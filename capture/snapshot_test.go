package capture_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pushcam/pushcam/capture"
	"github.com/pushcam/pushcam/capture/capturetest"
)

// ramp is a camera's first second: dark, then brighter with each picture.
func ramp(n int) byte { return byte(min(16+5*n, 116)) }

const ramped = 116

func newSnapshotBench(t *testing.T, luma func(n int) byte, script ...capturetest.Opening) *bench {
	t.Helper()
	for i := range script {
		script[i].Luma = luma
	}
	camera := capturetest.NewFakeCamera(testSize, script...)
	return newBenchOf(t, camera, func(*capture.SourceConfig) {})
}

func (b *bench) snapshot() *capture.Frame {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.t.Context(), time.Minute)
	defer cancel()
	f, err := b.source.Snapshot(ctx, capture.Planes|capture.OwnJPEG)
	if err != nil {
		b.t.Fatal(err)
	}
	return f
}

func TestSnapshotOfColdCamera(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newSnapshotBench(t, ramp, capturetest.Opening{Frames: capturetest.Endless})
		f := b.snapshot()
		if f.Y[0] != ramped || f.Slate || !f.Time.Equal(time.Now()) {
			t.Errorf("picture of luma %d, %v old", f.Y[0], time.Since(f.Time))
		}
		f.Release()
		// It stays open for a while, and then the next one comes at once.
		<-time.After(3 * time.Second)
		start := time.Now()
		b.snapshot().Release()
		if waited := time.Since(start); waited > 0 {
			t.Errorf("waited %v for a picture of an open camera", waited)
		}
		<-time.After(4 * time.Second)
		if got := b.state(); got != capture.Live {
			t.Errorf("4 s after the second: %v", got)
		}
		<-time.After(2 * time.Second)
		if got := b.state(); got != capture.Idle {
			t.Errorf("6 s after the second: %v", got)
		}
		f = b.snapshot()
		if f.Y[0] != ramped {
			t.Errorf("opened again: luma %d", f.Y[0])
		}
		f.Release()
		if stats := b.source.Stats(); stats.Encoders != 0 || stats.AccessUnits != 0 || stats.Subscriptions != 0 {
			t.Errorf("something was encoded: %+v", stats)
		}
		b.stop()
	})
}

func TestSnapshotIsBounded(t *testing.T) {
	for name, tt := range map[string]struct {
		luma     func(n int) byte
		interval time.Duration
		most     time.Duration
	}{
		"light that never settles": {func(n int) byte { return byte(60 + n&1*100) }, 0, 2100 * time.Millisecond},
		"black":                    {func(int) byte { return 16 }, 0, 2100 * time.Millisecond},
		"slow, and never settles":  {func(n int) byte { return byte(60 + n&1*100) }, time.Second, 3100 * time.Millisecond},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newSnapshotBench(t, tt.luma, capturetest.Opening{Frames: capturetest.Endless, Interval: tt.interval})
				start := time.Now()
				f := b.snapshot()
				if waited := time.Since(start); waited > tt.most || !f.Time.Equal(time.Now()) {
					t.Errorf("waited %v for a picture %v old", waited, time.Since(f.Time))
				}
				f.Release()
				b.stop()
			})
		})
	}
}

// TestSnapshotIsOfNow: of a camera that gives pictures seldom, the last one is
// too old.
func TestSnapshotIsOfNow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newSnapshotBench(t, func(int) byte { return 100 }, capturetest.Opening{Frames: capturetest.Endless, Interval: time.Second})
		b.snapshot().Release()
		<-time.After(500 * time.Millisecond)
		f := b.snapshot()
		if age := time.Since(f.Time); age > 0 {
			t.Errorf("picture is %v old", age)
		}
		f.Release()
		b.stop()
	})
}

func TestSnapshotIsShared(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newSnapshotBench(t, ramp, capturetest.Opening{Frames: capturetest.Endless})
		var together sync.WaitGroup
		frames := make([]*capture.Frame, 5)
		for i := range frames {
			together.Go(func() { frames[i] = b.snapshot() })
		}
		together.Wait()
		for _, f := range frames {
			if f != frames[0] {
				t.Error("calls at the same time got different pictures")
			}
			f.Release()
		}
		b.stop()
	})
}

func TestSnapshotBesideViewers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newSnapshotBench(t, ramp, capturetest.Opening{Frames: capturetest.Endless})
		s := b.subscribe(capture.H264)
		b.next(s)
		b.snapshot().Release()
		s.Close()
		b.snapshot().Release()
		<-time.After(6 * time.Second)
		if got := b.state(); got != capture.Idle {
			t.Errorf("state %v", got)
		}
		b.stop()
	})
}

func TestSnapshotFails(t *testing.T) {
	busy := errors.New("another program uses it")
	for name, tt := range map[string]struct {
		script capturetest.Opening
		want   error
		says   string
	}{
		"not there":          {capturetest.Opening{OpenErr: busy}, capture.ErrLost, "another program uses it"},
		"gives nothing":      {capturetest.Opening{End: capturetest.ErrUnplugged}, capture.ErrLost, "unplugged"},
		"unplugged too soon": {capturetest.Opening{Frames: 4, End: capturetest.ErrUnplugged}, capture.ErrLost, "unplugged"},
		"hangs":              {capturetest.Opening{}, context.DeadlineExceeded, "snapshot"},
		"encodes by itself":  {capturetest.Opening{Frames: capturetest.Endless, Coded: capture.H264}, capture.ErrCoded, "h264"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newSnapshotBench(t, ramp, tt.script)
				ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
				defer cancel()
				f, err := b.source.Snapshot(ctx, capture.Planes|capture.OwnJPEG)
				if f != nil || !errors.Is(err, tt.want) || !strings.Contains(err.Error(), tt.says) {
					t.Errorf("got %v, %v; want %v, %q", f, err, tt.want, tt.says)
				}
				<-time.After(20 * time.Second)
				if got := b.camera.Counts().Open; got != 0 && name != "hangs" {
					t.Errorf("the camera is open, state %v", b.state())
				}
				b.stop()
			})
		})
	}
}

// TestSnapshotIsNoSlate: while the camera is lost for a viewer too.
func TestSnapshotIsNoSlate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newSlateBench(t, 0, nil, capturetest.Opening{OpenErr: capturetest.ErrUnplugged})
		if au := b.next(b.subscribe(capture.H264)); !isSlate(au) {
			t.Fatal("want a slate")
		}
		if f, err := b.source.Snapshot(t.Context(), capture.Planes|capture.OwnJPEG); !errors.Is(err, capture.ErrLost) {
			t.Errorf("got %v, %v", f, err)
		}
		b.stop()
	})
}

func TestSnapshotEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newSnapshotBench(t, ramp, capturetest.Opening{})
		ctx, cancel := context.WithCancel(t.Context())
		failed := make(chan error, 2)
		for _, ctx := range []context.Context{ctx, t.Context()} {
			go func() {
				_, err := b.source.Snapshot(ctx, capture.Planes|capture.OwnJPEG)
				failed <- err
			}()
		}
		synctest.Wait()
		cancel()
		if err := <-failed; !errors.Is(err, context.Canceled) {
			t.Errorf("cancelled: %v", err)
		}
		b.stop()
		if err := <-failed; !errors.Is(err, capture.ErrClosed) {
			t.Errorf("the source ended: %v", err)
		}
		if _, err := b.source.Snapshot(t.Context(), capture.Planes|capture.OwnJPEG); !errors.Is(err, capture.ErrClosed) {
			t.Errorf("after the end: %v", err)
		}
	})
}
