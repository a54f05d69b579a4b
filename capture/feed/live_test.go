package feed

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pushcam/pushcam/capture"
)

// grey is a picture of one brightness, taken now.
func grey(k *kit, y byte) picture {
	f := k.frames.Get(testSize)
	f.Y[0] = y
	return picture{frame: f, time: time.Now()}
}

func coded(sequence uint64) picture {
	return picture{frame: capture.NewCodedFrame(testSize, &capture.Coded{Codec: capture.H264, Payload: []byte{1}, Sequence: sequence}, time.Time{}), time: time.Now()}
}

// newTestLive is a feed that nobody feeds.
func newTestLive() *live {
	k := new(kit)
	k.cfg = testConfig()
	r := newLive(k, "test", capture.Mode{Format: "Y4M"})
	r.end = func() {}
	return r
}

func TestLiveNewestWins(t *testing.T) {
	r := newTestLive()
	for y := range byte(5) {
		r.put(grey(r.kit, y))
	}
	r.fail(errors.New("unplugged"))
	if ys, _ := frames(t, r, 1); ys[0] != 4 {
		t.Errorf("picture %d, want the newest, 4", ys[0])
	}
	_, err := r.Read()
	wantError(t, err, "read test: unplugged")
}

// TestLiveCoded holds that coded pictures wait for each other, but not without
// bound, and that a hole is one in the sequence.
func TestLiveCoded(t *testing.T) {
	r := newTestLive()
	read := func() uint64 {
		f, err := r.Read()
		if err != nil {
			t.Fatal(err)
		}
		defer f.Release()
		return f.Coded.Sequence
	}
	for n := range uint64(maxWaiting) {
		r.put(coded(n))
	}
	if first, second := read(), read(); first != 0 || second != 1 {
		t.Errorf("pictures %d and %d, want 0 and 1", first, second)
	}
	for n := range uint64(maxWaiting) {
		r.put(coded(maxWaiting + n))
	}
	if got := read(); got < maxWaiting {
		t.Errorf("picture %d of a line that was too long", got)
	}
	if n := cap(r.waiting); n > 2*maxWaiting {
		t.Errorf("room for %d pictures", n)
	}
}

func TestLiveTimesGrow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newTestLive()
		for n := range uint64(10) {
			r.put(coded(n))
		}
		_, times := frames(t, r, 10)
		for i, at := range times[1:] {
			if at.Sub(times[i]) < tick {
				t.Errorf("picture %d is %v after the one before", i+1, at.Sub(times[i]))
			}
		}
	})
}

func TestLiveStalls(t *testing.T) {
	for name, tt := range map[string]struct {
		rate  float64 // of a picture before; 0 is none before
		want  time.Duration
		about string
	}{
		"before the first picture": {0, firstPictureLimit, "no picture for 10s"},
		"later":                    {30, nextPictureLimit, "no picture for 2s"},
		"at a low rate":            {0.5, 10 * time.Second, "no picture for 10s"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := newTestLive()
				if tt.rate > 0 {
					p := grey(r.kit, 1)
					p.rate = tt.rate
					r.put(p)
					frames(t, r, 1)
					if r.Mode().FrameRate != tt.rate {
						t.Errorf("mode %v", r.Mode())
					}
				}
				begun := time.Now()
				_, err := r.Read()
				wantError(t, err, tt.about)
				if took := time.Since(begun); took != tt.want {
					t.Errorf("after %v, want %v", took, tt.want)
				}
			})
		})
	}
}

// TestLiveBroken: some broken pictures are skipped, many or nothing else are an
// error, and so is one that cannot get better.
func TestLiveBroken(t *testing.T) {
	bad := picture{jpeg: []byte("no JPEG")}
	synctest.Test(t, func(t *testing.T) {
		r := newTestLive()
		go func() {
			for range 10 {
				r.put(bad)
				<-time.After(50 * time.Millisecond)
			}
			r.put(picture{jpeg: jpegOf(t, testSize, 9), time: time.Now()})
		}()
		if ys, _ := frames(t, r, 1); ys[0] != 9 || r.kit.Skipped() != 10 || r.Mode().Size != testSize {
			t.Errorf("picture %d after %d skipped, mode %v", ys[0], r.kit.Skipped(), r.Mode())
		}
		go func() {
			for range 10 {
				r.put(bad)
				<-time.After(50 * time.Millisecond)
			}
		}()
		_, err := r.Read()
		wantError(t, err, "only broken pictures (10) for 2s")
	})
	synctest.Test(t, func(t *testing.T) {
		r := newTestLive()
		done := make(chan struct{})
		go func() {
			defer close(done)
			for range maxBroken {
				r.put(bad)
				synctest.Wait()
			}
		}()
		_, err := r.Read()
		wantError(t, err, "60 in a row: broken picture")
		<-done
	})
	r := newTestLive()
	r.put(picture{jpeg: jpegOf(t, capture.Size{Width: 16, Height: 16}, 1)})
	if _, err := r.Read(); !errors.Is(err, errUndecodable) {
		t.Errorf("%v, want %v", err, errUndecodable)
	}
}

func TestLiveClosed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newTestLive()
		ended := 0
		r.end = func() { ended++ }
		r.put(coded(1))
		read := make(chan error)
		go func() {
			frames(t, r, 1)
			_, err := r.Read()
			read <- err
		}()
		synctest.Wait()
		for range 3 {
			if err := r.Close(); err != nil {
				t.Error(err)
			}
		}
		wantError(t, <-read, "read test: is closed")
		r.put(coded(2))
		r.fail(errors.New("late"))
		_, err := r.Read()
		wantError(t, err, "is closed")
		if ended != 1 || len(r.waiting) != 0 {
			t.Errorf("ended %d times, %d pictures kept", ended, len(r.waiting))
		}
	})
}
