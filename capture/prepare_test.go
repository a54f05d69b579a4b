package capture_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/pushcam/pushcam/capture"
)

// TestPrepare: what comes for a viewer while it connects is there when it has.
func TestPrepare(t *testing.T) {
	for _, tt := range []struct {
		name     string
		connects time.Duration
		ready    bool // a keyframe waits
	}{
		{"in time", 100 * time.Millisecond, true},
		{"too late", time.Second, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBench(t)
				viewer := b.subscribe(capture.VP8)
				b.await(capture.Live)
				<-time.After(time.Second)
				asked := time.Now()
				viewer.Prepare()
				<-time.After(tt.connects)
				began := time.Now()
				first := b.next(viewer)
				if ready := first.Time.Before(began.Add(-50 * time.Millisecond)); ready != tt.ready {
					t.Errorf("the first picture is %v old", began.Sub(first.Time))
				}
				if !first.Keyframe || first.Time.Before(asked.Add(-50*time.Millisecond)) {
					t.Errorf("it is from %v before the viewer, keyframe %t", asked.Sub(first.Time), first.Keyframe)
				}
				for last := first; last.Time.Before(began); { // nothing is left out
					next := b.next(viewer)
					if gap := next.Time.Sub(last.Time); gap > 50*time.Millisecond && tt.ready {
						t.Errorf("gap of %v", gap)
					}
					last = next
				}
				if b.forced > 1 && tt.ready {
					t.Errorf("%d keyframes for one viewer", b.forced)
				}
				b.stop()
			})
		})
	}
}

// TestPrepareIsForAWhile: nothing is encoded for who does not come.
func TestPrepareIsForAWhile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		viewer := b.subscribe(capture.VP8)
		b.await(capture.Live)
		viewer.Prepare()
		<-time.After(time.Second)
		before := b.source.Stats().AccessUnits
		<-time.After(time.Minute)
		if after := b.source.Stats().AccessUnits; before == 0 || after != before {
			t.Errorf("%d pictures, a minute later %d", before, after)
		}
		b.stop()
	})
}

// TestNewestFrameWaits: who comes while the camera lingers does not wait for its
// next picture.
func TestNewestFrameWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		first := b.subscribe(capture.VP8)
		b.next(first)
		first.Close()
		<-time.After(time.Second + 7*time.Millisecond) // between two pictures
		before := b.source.Stats().AccessUnits
		asked := time.Now()
		second := b.subscribe(capture.VP8)
		second.Prepare()
		au := b.next(second)
		if waited, old := time.Since(asked), asked.Sub(au.Time); waited != 0 || old < 0 || old > 40*time.Millisecond || !au.Keyframe {
			t.Errorf("waited %v for a picture that was %v old, keyframe %t", waited, old, au.Keyframe)
		}
		if after := b.source.Stats().AccessUnits; after != before+1 {
			t.Errorf("%d pictures encoded", after-before)
		}
		// A camera that was closed has no newest picture.
		second.Close()
		b.await(capture.Idle)
		<-time.After(time.Minute)
		opening := time.Now()
		if au := b.next(b.subscribe(capture.VP8)); au.Time.Before(opening) {
			t.Errorf("a picture from %v before the camera opened", opening.Sub(au.Time))
		}
		b.stop()
	})
}

// TestTroubleWhilePreparing: an encoder that fails before its viewer looks is
// told to it then.
func TestTroubleWhilePreparing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		b.mu.Lock()
		b.fail = 1 << 30
		b.mu.Unlock()
		viewer := b.subscribe(capture.VP8)
		b.await(capture.Live)
		viewer.Prepare()
		<-time.After(100 * time.Millisecond)
		status, changed := b.source.Status()
		if b.source.Stats().EncoderFailures == 0 || status.Detail != "" {
			t.Fatalf("nobody looks, and %q is told", status.Detail)
		}
		if _, err := viewer.Poll(); err != nil {
			t.Fatal(err)
		}
		select {
		case <-changed:
		case <-time.After(time.Minute):
			t.Error("who waits for news of the status gets none")
		}
		if status, _ := b.source.Status(); status.Detail == "" {
			t.Error("a viewer is not told that the encoder fails")
		}
		b.stop()
	})
}

// TestPrepareInAnothersPlace: who prepared need not be who reads, or stay until
// then, and one keyframe is enough for all.
func TestPrepareInAnothersPlace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		first := b.subscribe(capture.VP8)
		b.await(capture.Live)
		<-time.After(time.Second)
		first.Prepare()
		<-time.After(50 * time.Millisecond)
		viewer := b.subscribe(capture.VP8)
		viewer.Prepare()
		first.Close()
		<-time.After(50 * time.Millisecond)
		began := time.Now()
		for i := range 20 {
			au := b.next(viewer)
			if early := au.Time.Before(began.Add(-50 * time.Millisecond)); i == 0 && (!early || !au.Keyframe) {
				t.Errorf("begins with a picture that is %v old, keyframe %t", began.Sub(au.Time), au.Keyframe)
			}
		}
		if b.forced != 1 {
			t.Errorf("%d keyframes for one viewer", b.forced)
		}
		b.stop()
	})
}

// TestKeyframeUnderWay: who comes while a keyframe is being encoded gets it, and
// needs no other.
func TestKeyframeUnderWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		b.encoding = 20 * time.Millisecond
		viewer := b.subscribe(capture.VP8)
		b.await(capture.Live)
		<-time.After(time.Second)
		viewer.Prepare()
		<-time.After(10 * time.Millisecond)
		for range 20 {
			b.next(viewer)
		}
		if b.forced != 1 {
			t.Errorf("%d keyframes for one viewer", b.forced)
		}
		b.stop()
	})
}
