package v4l2

import (
	"errors"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/pushcam/pushcam/capture"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func next(t *testing.T, q *Queue) *Buffer {
	t.Helper()
	b, err := q.Next()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestPictures(t *testing.T) {
	multi := newFake(discrete(NV12M, 642, 362))
	multi.multi, multi.caps = true, capVideoCaptureMulti|capStreaming
	for _, tt := range []struct {
		name   string
		fake   func() *fake
		planes []Plane // lengths and strides
	}{
		{"YUYV", func() *fake { return newFake(discrete(YUYV, 642, 362)) }, []Plane{{make([]byte, 1408*362), 1408}}},
		{"GREY", func() *fake { return newFake(discrete(GREY, 642, 362)) }, []Plane{{make([]byte, 704*362), 704}}},
		{"NV12", func() *fake { return newFake(discrete(NV12, 642, 362)) }, []Plane{{make([]byte, 704*362), 704}, {make([]byte, 704*181), 704}}},
		{"I420", func() *fake { return newFake(discrete(I420, 642, 362)) }, []Plane{{make([]byte, 704*362), 704}, {make([]byte, 352*181), 352}, {make([]byte, 352*181), 352}}},
		{"MJPEG", func() *fake { return newFake(discrete(MJPEG, 642, 362)) }, nil},
		{"NV12 in two pieces", func() *fake {
			f := newFake(discrete(NV12M, 642, 362))
			f.multi, f.caps = true, capVideoCaptureMulti|capStreaming
			return f
		}, []Plane{{make([]byte, 704*362), 704}, {make([]byte, 704*181), 704}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				_, q := startFake(t, tt.fake(), QueueConfig{})
				var last time.Time
				for i := range 50 {
					b := next(t, q)
					if got := b.Format(); got.Size != (capture.Size{Width: 642, Height: 362}) {
						t.Fatalf("format %v", got)
					}
					if b.Sequence() != uint32(i) || b.Bytes()[0] != byte(i) {
						t.Fatalf("picture %d has sequence %d and content %d", i, b.Sequence(), b.Bytes()[0])
					}
					// Exposed 5 ms before it was delivered, which is now.
					if age := time.Since(b.Time()); age < 5*time.Millisecond || age > 6*time.Millisecond {
						t.Fatalf("picture %d is %v old, want 5 ms", i, age)
					}
					if step := b.Time().Sub(last); i > 0 && (step < 33*time.Millisecond || step > 34*time.Millisecond) {
						t.Fatalf("picture %d comes %v after the one before", i, step)
					}
					last = b.Time()
					planes := b.Planes()
					if len(planes) != len(tt.planes) {
						t.Fatalf("%d planes, want %d", len(planes), len(tt.planes))
					}
					for p, want := range tt.planes {
						if len(planes[p].Pix) != len(want.Pix) || planes[p].Stride != want.Stride {
							t.Fatalf("plane %d has %d bytes in rows of %d, want %d and %d", p, len(planes[p].Pix), planes[p].Stride, len(want.Pix), want.Stride)
						}
					}
					b.Release()
				}
				if got, want := q.Stats(), (Stats{Pictures: 50}); got != want {
					t.Errorf("stats %+v, want %+v", got, want)
				}
			})
		})
	}
}

// What the driver says is wrong with a picture, and what becomes of it.
func TestWrongPictures(t *testing.T) {
	for _, tt := range []struct {
		name   string
		event  fakeEvent
		format PixelFormat
		want   Stats
	}{
		{"flagged", flagged, YUYV, Stats{Pictures: 8, Broken: 2}},
		{"half", short, YUYV, Stats{Pictures: 8, Short: 2}},
		{"half a JPEG is the decoder's business", short, MJPEG, Stats{Pictures: 8}},
		{"empty", empty, MJPEG, Stats{Pictures: 8, Short: 2}},
		{"lost", dropped, YUYV, Stats{Pictures: 8, Lost: 2}},
		{"without a time", undated, YUYV, Stats{Pictures: 8, Undated: 2}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFake(discrete(tt.format, 64, 48))
				f.script = map[int]fakeEvent{3: tt.event, 4: tt.event}
				_, q := startFake(t, f, QueueConfig{})
				for range 8 {
					next(t, q).Release()
				}
				if got := q.Stats(); got != tt.want {
					t.Errorf("stats %+v, want %+v", got, tt.want)
				}
			})
		})
	}
}

func TestSequenceWrapsAndStandsStill(t *testing.T) {
	for _, tt := range []struct {
		name      string
		sequences []uint32
		lost      uint64
	}{
		{"steady", []uint32{0, 1, 2}, 0},
		{"starts anywhere", []uint32{77, 78}, 0},
		{"gaps", []uint32{1, 3, 7}, 4},
		{"wraps", []uint32{1<<32 - 2, 1<<32 - 1, 0, 1}, 0},
		{"wraps in a gap", []uint32{1<<32 - 2, 1}, 2},
		{"always zero", []uint32{0, 0, 0}, 0},
		{"begins again", []uint32{100, 101, 0, 1}, 0},
		{"jumps", []uint32{0, 1 << 30}, 0},
	} {
		q := &Queue{}
		for _, s := range tt.sequences {
			q.count(s)
		}
		if got := q.Stats().Lost; got != tt.lost {
			t.Errorf("%s: %d lost, want %d", tt.name, got, tt.lost)
		}
	}
}

// A late reader gets the newest picture, except of a codec that needs all.
func TestLateReader(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, q := startFake(t, newFake(discrete(YUYV, 64, 48)), QueueConfig{})
		next(t, q).Release()
		<-time.After(3*time.Second/30 + time.Millisecond)
		b := next(t, q)
		if b.Sequence() != 3 {
			t.Errorf("picture %d, want the newest, 3", b.Sequence())
		}
		b.Release()
		if got, want := q.Stats(), (Stats{Pictures: 2, Skipped: 2}); got != want {
			t.Errorf("stats %+v, want %+v", got, want)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		_, q := startFake(t, newFake(discrete(H264, 64, 48)), QueueConfig{})
		next(t, q).Release()
		<-time.After(3*time.Second/30 + time.Millisecond)
		for want := range uint32(6) {
			b := next(t, q)
			if b.Sequence() != want+1 {
				t.Errorf("picture %d, want %d", b.Sequence(), want+1)
			}
			b.Release()
		}
	})
}

// The driver must not write where somebody reads.
func TestHeldBuffers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, q := startFake(t, newFake(discrete(YUYV, 64, 48)), QueueConfig{})
		first := next(t, q).Retain()
		second := next(t, q)
		for range 20 {
			next(t, q).Release()
		}
		first.Release()
		for range 20 {
			next(t, q).Release()
		}
		if first.Bytes()[0] != 0 || second.Bytes()[0] != 1 {
			t.Errorf("pictures 0 and 1 became %d and %d while they were read", first.Bytes()[0], second.Bytes()[0])
		}
		third, fourth := next(t, q), next(t, q)

		// Now the driver has none. One that is released goes on.
		go func() {
			<-time.After(time.Second)
			third.Release()
		}()
		began := time.Now()
		fifth := next(t, q)
		if waited := time.Since(began); waited < time.Second || waited > 1100*time.Millisecond {
			t.Errorf("waited %v for a buffer that was released after 1 s", waited)
		}
		stats := q.Stats()
		if stats.Starved != 1 || stats.Lost < 28 {
			t.Errorf("stats %+v, want starved once and a second's pictures lost", stats)
		}

		_, err := q.Next()
		if !errors.Is(err, ErrStalled) || !strings.Contains(err.Error(), "all 4 buffers are held") {
			t.Errorf("Next with all buffers held for ever: %v", err)
		}
		for _, b := range []*Buffer{first, second, fourth, fifth} {
			b.Release()
		}
	})
}

func TestBufferMisuse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, q := startFake(t, newFake(), QueueConfig{})
		b := next(t, q)
		b.Release()
		for name, f := range map[string]func(){"Release": b.Release, "Retain": func() { b.Retain() }} {
			func() {
				defer func() {
					if recover() == nil {
						t.Errorf("%s of a released Buffer: no panic", name)
					}
				}()
				b.refs.Store(0)
				f()
			}()
		}
	})
}

func TestDeviceFails(t *testing.T) {
	for _, tt := range []struct {
		name     string
		interval Interval
		script   map[int]fakeEvent
		is       []error
		says     string
		after    time.Duration // from the last picture
	}{
		{"unplugged", Interval{1, 30}, map[int]fakeEvent{5: unplug}, []error{ErrGone, syscall.ENODEV}, "reconnect", time.Second / 30},
		{"queue error", Interval{1, 30}, map[int]fakeEvent{5: fatal}, []error{syscall.EIO}, "another cable or port", time.Second / 30},
		{"stall", Interval{1, 30}, map[int]fakeEvent{5: stall}, []error{ErrStalled}, "nothing in 2s", 2 * time.Second},
		{"stall of a slow camera", Interval{1, 1}, map[int]fakeEvent{5: stall}, []error{ErrStalled}, "nothing in 5s", 5 * time.Second},
		{"first picture never comes", Interval{1, 30}, map[int]fakeEvent{0: stall}, []error{ErrStalled}, "nothing in 8s", 8 * time.Second},
		{"only broken ones", Interval{1, 30}, allFrom(5, flagged), []error{ErrStalled}, "only broken pictures (60) in 2s", 2 * time.Second},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFake()
				f.interval, f.script = tt.interval, tt.script
				_, q := startFake(t, f, QueueConfig{})
				last := time.Now()
				for {
					b, err := q.Next()
					if err == nil {
						last = time.Now()
						b.Release()
						continue
					}
					for _, is := range tt.is {
						if !errors.Is(err, is) {
							t.Errorf("Next: %v, want %v", err, is)
						}
					}
					if !strings.Contains(err.Error(), tt.says) {
						t.Errorf("Next: %v, does not say %q", err, tt.says)
					}
					if took := time.Since(last); took < tt.after || took > tt.after+100*time.Millisecond {
						t.Errorf("noticed after %v, want %v", took, tt.after)
					}
					break
				}
				if _, err := q.Next(); err == nil {
					t.Error("Next after an error: no error")
				}
			})
		})
	}
}

func allFrom(first int, event fakeEvent) map[int]fakeEvent {
	script := map[int]fakeEvent{}
	for i := range 1000 {
		script[first+i] = event
	}
	return script
}

// A driver that says "error" and then nothing must not turn Next into a busy
// loop.
func TestErrorWithoutAnError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		_, q := startFake(t, f, QueueConfig{})
		f.mu.Lock()
		f.fatal = true
		f.refuse[requestDequeue] = []error{syscall.EAGAIN}
		f.mu.Unlock()
		if _, err := q.Next(); !errors.Is(err, syscall.EIO) || !strings.Contains(err.Error(), "does not say which") {
			t.Errorf("Next: %v", err)
		}
	})
}

// A buffer that the driver does not take back once is offered again.
func TestRefusedBuffer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		_, q := startFake(t, f, QueueConfig{})
		next(t, q).Release()
		b := next(t, q)
		f.mu.Lock()
		f.refuse[requestQueue] = []error{syscall.EINVAL, syscall.EINVAL}
		f.mu.Unlock()
		b.Release()
		for range 10 {
			next(t, q).Release()
		}
		if got, want := q.Stats(), (Stats{Pictures: 12, Refused: 2}); got != want {
			t.Errorf("stats %+v, want %+v", got, want)
		}
		// All of them, for good.
		f.mu.Lock()
		for range 100 {
			f.refuse[requestQueue] = append(f.refuse[requestQueue], syscall.EIO)
		}
		f.mu.Unlock()
		for range 10 {
			b, err := q.Next()
			if err != nil {
				if !errors.Is(err, syscall.EIO) {
					t.Errorf("Next: %v", err)
				}
				return
			}
			b.Release()
		}
		t.Error("no error from a driver that takes no buffers")
	})
}
