package capture_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pushcam/pushcam/capture"
	"github.com/pushcam/pushcam/capture/capturetest"
)

func (b *bench) onlook(cfg capture.OnlookerConfig) *capture.Onlooker {
	b.t.Helper()
	o, err := b.source.Onlook(cfg)
	if err != nil {
		b.t.Fatal(err)
	}
	return o
}

// look returns what the next Frame shows.
func (b *bench) look(o *capture.Onlooker) (luma byte, at time.Time, jpeg []byte) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.t.Context(), time.Minute)
	defer cancel()
	f, err := o.Next(ctx)
	if err != nil {
		b.t.Fatal(err)
	}
	defer f.Release()
	if f.Y != nil {
		luma = f.Y[0]
	}
	return luma, f.Time, f.JPEG
}

func TestOnlooker(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		o := b.onlook(capture.OnlookerConfig{})
		for want := byte(1); want <= 5; want++ {
			if got, _, jpeg := b.look(o); got != want || jpeg != nil {
				t.Errorf("picture %d, want %d; JPEG %v", got, want, jpeg)
			}
		}
		// A slow one gets the newest, and holds up nobody.
		other := b.onlook(capture.OnlookerConfig{})
		<-time.After(time.Second)
		if got, at, _ := b.look(o); got != 35 || time.Since(at) > time.Second/30 {
			t.Errorf("after a second: picture %d, %v old", got, time.Since(at))
		}
		if got, _, _ := b.look(other); got != 35 {
			t.Errorf("the other: picture %d", got)
		}
		o.Close()
		o.Close()
		if _, err := o.Next(t.Context()); !errors.Is(err, capture.ErrClosed) {
			t.Errorf("after Close: %v", err)
		}
		<-time.After(6 * time.Second)
		if got := b.state(); got != capture.Live {
			t.Errorf("with one left: %v", got)
		}
		other.Close()
		<-time.After(6 * time.Second)
		if got := b.state(); got != capture.Idle {
			t.Errorf("with nobody left: %v", got)
		}
		if stats := b.source.Stats(); stats.Encoders != 0 || stats.AccessUnits != 0 {
			t.Errorf("something was encoded: %+v", stats)
		}
		b.stop()
		if _, err := b.source.Onlook(capture.OnlookerConfig{}); !errors.Is(err, capture.ErrClosed) {
			t.Errorf("after the end: %v", err)
		}
	})
}

// TestOnlookerRates: whatever the camera's rate is, and however uneven, there
// are as many pictures as asked for, and the same for all who ask for as many.
func TestOnlookerRates(t *testing.T) {
	for _, tt := range []struct {
		camera, asked, want float64
	}{{30, 0, 30}, {30, 10, 10}, {30, 30, 30}, {30, 29, 29}, {30, 60, 30}, {30, 0.5, 0.5}, {25, 10, 10}, {15, 10, 10}} {
		synctest.Test(t, func(t *testing.T) {
			b := newBench(t, capturetest.Opening{Frames: capturetest.Endless, Interval: time.Duration(float64(time.Second) / tt.camera)})
			cfg := capture.OnlookerConfig{FrameRate: tt.asked}
			all := []*capture.Onlooker{b.onlook(cfg), b.onlook(cfg)}
			b.look(all[0])
			b.look(all[1])
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
			defer cancel()
			counts := [2]int{}
			times := [2]map[time.Time]bool{{}, {}}
			done := make(chan struct{})
			for i, o := range all {
				go func() {
					for f, err := o.Next(ctx); err == nil; f, err = o.Next(ctx) {
						counts[i]++
						times[i][f.Time] = true
						f.Release()
					}
					done <- struct{}{}
				}()
			}
			<-done
			<-done
			if got := float64(counts[0]) / 20; got < tt.want*0.97-0.05 || got > tt.want*1.03+0.05 {
				t.Errorf("%v of %v: got %v", tt.asked, tt.camera, got)
			}
			for at := range times[0] {
				if !times[1][at] {
					t.Fatal("two who ask for the same rate get different pictures")
				}
			}
			b.stop()
		})
	}
}

// TestOnlookerOfJPEGs: the camera's own are kept while somebody wants them, and
// not otherwise, as that takes copying them.
func TestOnlookerOfJPEGs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, capturetest.Opening{Frames: capturetest.Endless, JPEG: true})
		plain := b.onlook(capture.OnlookerConfig{})
		if _, _, jpeg := b.look(plain); jpeg != nil {
			t.Error("kept for nobody")
		}
		wants := b.onlook(capture.OnlookerConfig{Needs: capture.Planes | capture.OwnJPEG})
		b.look(wants) // which was there before
		b.look(wants) // may have been on its way
		if luma, _, jpeg := b.look(wants); len(jpeg) != 1 || jpeg[0] != luma {
			t.Errorf("picture %d has the JPEG %v", luma, jpeg)
		}
		wants.Close()
		b.look(plain)
		b.look(plain)
		if _, _, jpeg := b.look(plain); jpeg != nil {
			t.Error("kept for one who left")
		}
		// A snapshot has it, and for a while the next one need not wait for it.
		f := b.snapshot()
		if len(f.JPEG) != 1 {
			t.Error("a snapshot without its JPEG")
		}
		f.Release()
		<-time.After(keptFor / 2)
		start := time.Now()
		f = b.snapshot()
		if len(f.JPEG) != 1 || time.Since(start) > 0 {
			t.Errorf("JPEG %v after %v", f.JPEG, time.Since(start))
		}
		f.Release()
		<-time.After(keptFor + time.Second)
		if _, _, jpeg := b.look(plain); jpeg != nil {
			t.Error("kept after a minute without a snapshot")
		}
		b.stop()
	})
}

// keptFor is for how long a Snapshot has JPEGs kept.
const keptFor = time.Minute

// TestUndecoded: while nobody needs more, there are JPEGs alone, and whoever does
// need more gets the next picture, with all that it needs.
func TestUndecoded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, capturetest.Opening{Frames: capturetest.Endless, JPEG: true})
		alone := b.onlook(capture.OnlookerConfig{Needs: capture.OwnJPEG})
		<-time.After(3 * time.Second) // the first ones are looked at
		undecoded := func(of string) {
			t.Helper()
			for range 3 { // one may have been on its way
				b.look(alone)
			}
			if luma, _, jpeg := b.look(alone); luma != 0 || len(jpeg) != 1 {
				t.Errorf("%s: luma %d, JPEG %v; want a JPEG alone", of, luma, jpeg)
			}
		}
		undecoded("one who needs JPEGs")

		plain := b.onlook(capture.OnlookerConfig{})
		start := time.Now()
		if luma, _, _ := b.look(plain); luma == 0 || time.Since(start) > time.Second/15 {
			t.Errorf("one who needs planes: luma %d after %v", luma, time.Since(start))
		}
		plain.Close()
		undecoded("after that")

		sub := b.subscribe(capture.H264)
		if au := b.next(sub); !au.Keyframe {
			t.Error("a viewer begins without a keyframe")
		}
		sub.Close()
		undecoded("after a viewer")

		for _, needed := range []capture.Parts{capture.OwnJPEG, capture.Planes, capture.OwnJPEG, capture.Planes | capture.OwnJPEG} {
			f, err := b.source.Snapshot(t.Context(), needed)
			if err != nil {
				t.Fatal(err)
			}
			if needed&capture.Planes != 0 && f.Y == nil || needed&capture.OwnJPEG != 0 && f.JPEG == nil {
				t.Errorf("snapshot that needs %v: JPEG %v, %d of luma", needed, f.JPEG, len(f.Y))
			}
			f.Release()
		}
		<-time.After(keptFor + time.Second)
		undecoded("a minute after snapshots")
		b.stop()
	})
}

func TestOnlookerOfSlates(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newSlateBench(t, 0, nil, capturetest.Opening{Frames: 3, End: capturetest.ErrUnplugged}, capturetest.Opening{OpenErr: capturetest.ErrUnplugged})
		o := b.onlook(capture.OnlookerConfig{FrameRate: 0.1})
		b.look(o)
		f, err := o.Next(t.Context())
		if err != nil || !f.Slate {
			t.Fatalf("got %v, %v; want a slate at once, whatever the rate", f, err)
		}
		f.Release()
		b.stop()
	})
}

func TestOnlookerEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, capturetest.Opening{})
		ctx, cancel := context.WithCancel(t.Context())
		failed := make(chan error, 2)
		for _, ctx := range []context.Context{ctx, t.Context()} {
			o := b.onlook(capture.OnlookerConfig{FrameRate: 10, Needs: capture.OwnJPEG})
			go func() {
				_, err := o.Next(ctx)
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
	})
}

func TestOnlookerOfCodedPictures(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, capturetest.Opening{Frames: capturetest.Endless, Coded: capture.H264})
		if _, err := b.onlook(capture.OnlookerConfig{}).Next(t.Context()); !errors.Is(err, capture.ErrCoded) {
			t.Errorf("got %v", err)
		}
		b.stop()
	})
}
