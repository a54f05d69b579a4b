package capturetest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pushcam/pushcam/capture"
)

// ErrUnplugged is an error for scripts; no code branches on it.
var ErrUnplugged = errors.New("fake camera: unplugged")

// Endless is the number of Frames of an Opening that never ends by itself.
const Endless = -1

// Opening says what happens in one life of a FakeCamera, from Open to Close.
// The zero value opens at once, delivers nothing and stalls.
type Opening struct {
	// OpenErr makes Open fail, after OpenDelay.
	OpenErr   error
	OpenDelay time.Duration
	// Size replaces the camera's own size, for a camera that comes back
	// different.
	Size capture.Size
	// Frames come every Interval (1/30 s when 0), the first after one. Then
	// Read returns End, or blocks until Close when End is nil.
	Frames   int
	Interval time.Duration
	End      error
	// Luma is the brightness of picture n, from 1; nil makes it n itself.
	Luma func(n int) byte
	// Coded, unless it is NoCodec, makes pictures that the camera encoded, by
	// no means decodable.
	Coded capture.Codec
	// JPEG makes it a camera that sends JPEGs, by no means decodable: each is
	// the number of its picture.
	JPEG bool
	// TimeOffset is added to the time of every picture.
	TimeOffset time.Duration
	// Corrupt makes every so many-th picture one that Read skips and counts.
	Corrupt int
	// Decoding is how long Read works on each picture that it returns.
	Decoding time.Duration
	// CloseDelay is how long Close takes, as of a device that stalls.
	CloseDelay time.Duration
	// CloseErr is what Close returns, the first time.
	CloseErr error
}

// FakeCamera is a capture.Camera that lives by a script, one Opening after
// another; the last one repeats. It keeps time by package time alone, so
// testing/synctest may hold the clock. Any goroutine may use it.
type FakeCamera struct {
	size   capture.Size
	script []Opening
	frames capture.FramePool

	mu     sync.Mutex
	counts CameraCounts
	reader *fakeReader // the one opened last
}

var _ capture.Camera = (*FakeCamera)(nil)

// CameraCounts is what happened to a FakeCamera.
type CameraCounts struct {
	Attempts int // calls of Open
	Opened   int // of those, successful
	Open     int // opened and not closed now
	MostOpen int // at the same time; a camera shared well never sees 2
	Frames   int // handed out
	Skipped  int // corrupt pictures
}

// NewFakeCamera returns a camera whose pictures have this size. Without a
// script every Opening delivers endlessly.
func NewFakeCamera(size capture.Size, script ...Opening) *FakeCamera {
	if len(script) == 0 {
		script = []Opening{{Frames: Endless}}
	}
	return &FakeCamera{size: size, script: script}
}

// Name implements capture.Camera.
func (c *FakeCamera) Name() string { return "fake camera" }

// Counts is a snapshot.
func (c *FakeCamera) Counts() CameraCounts {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.counts
}

// Unplug makes the Read of the present Opening return err, now or when it is
// called.
func (c *FakeCamera) Unplug(err error) {
	c.mu.Lock()
	reader := c.reader
	c.mu.Unlock()
	if reader != nil {
		reader.unplugOnce.Do(func() {
			reader.unplugErr = err
			close(reader.unplugged)
		})
	}
}

// Open implements capture.Camera.
func (c *FakeCamera) Open(ctx context.Context) (capture.FrameReader, error) {
	c.mu.Lock()
	opening := c.script[min(c.counts.Attempts, len(c.script)-1)]
	c.counts.Attempts++
	c.mu.Unlock()
	if err := sleep(ctx, opening.OpenDelay); err != nil {
		return nil, fmt.Errorf("open %s: %w", c.Name(), err)
	}
	if opening.OpenErr != nil {
		return nil, fmt.Errorf("open %s: %w", c.Name(), opening.OpenErr)
	}
	if opening.Size == (capture.Size{}) {
		opening.Size = c.size
	}
	if opening.Interval == 0 {
		opening.Interval = time.Second / 30
	}
	r := &fakeReader{
		camera: c, opening: opening,
		unplugged: make(chan struct{}), closing: capture.NewCloser(),
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.reader = r
	c.counts.Opened++
	c.counts.Open++
	c.counts.MostOpen = max(c.counts.MostOpen, c.counts.Open)
	return r, nil
}

func sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

func (c *FakeCamera) count(f func(*CameraCounts)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	f(&c.counts)
}

type fakeReader struct {
	camera  *FakeCamera
	opening Opening

	unplugOnce sync.Once
	unplugErr  error // before unplugged is closed
	unplugged  chan struct{}

	closing *capture.Closer
	reading atomic.Bool

	taken atomic.Int64 // pictures of the device so far, corrupt ones too

	// owned by the goroutine that reads
	capture.JPEGKeeping
	thin   int           // each so many-th is returned; 0 like 1
	behind time.Duration // the device, of which a picture waits at most
}

var (
	_ capture.Thinner    = (*fakeReader)(nil)
	_ capture.JPEGKeeper = (*fakeReader)(nil)
)

// Thin implements capture.Thinner.
func (r *fakeReader) Thin(every int) { r.thin = every }

// Mode implements capture.FrameReader.
func (r *fakeReader) Mode() capture.Mode {
	rate := float64(time.Second) / float64(r.opening.Interval)
	mode := capture.Mode{Size: r.opening.Size, FrameRate: rate, Format: "I420"}
	if r.opening.JPEG {
		mode.Format = capture.FormatMJPEG
	}
	return mode
}

// Read implements capture.FrameReader.
func (r *fakeReader) Read() (*capture.Frame, error) {
	if r.reading.Swap(true) {
		return nil, errors.New("read fake camera: two Reads at a time")
	}
	defer r.reading.Store(false)
	r.closing.StartRead()
	defer r.closing.EndRead()
	omitted, began := 0, time.Now()
	for {
		n, err := r.next()
		if err != nil {
			return nil, err
		}
		if omitted+1 < r.thin && time.Since(began) < capture.LongestThin {
			omitted++
			continue
		}
		taken := time.Now()
		if d := r.opening.Decoding; d > 0 {
			<-time.After(d)
			r.behind = min(r.behind+d, 2*r.opening.Interval)
		}
		if r.opening.Corrupt > 0 && n%int64(r.opening.Corrupt) == 0 {
			r.camera.count(func(c *CameraCounts) { c.Skipped++ })
			continue
		}
		r.camera.count(func(c *CameraCounts) { c.Frames++ })
		f := r.picture(n)
		f.Time, f.Decoding, f.Omitted = taken.Add(r.opening.TimeOffset), r.opening.Decoding, omitted
		return f, nil
	}
}

func (r *fakeReader) picture(n int64) *capture.Frame {
	if r.opening.Coded != capture.NoCodec {
		coded := &capture.Coded{Codec: r.opening.Coded, Payload: []byte{byte(n)}, Sequence: uint64(n)}
		return capture.NewCodedFrame(r.opening.Size, coded, time.Time{})
	}
	wanted := r.Wanted()
	if r.opening.JPEG && wanted == capture.OwnJPEG {
		return capture.NewJPEGFrame(r.opening.Size, []byte{byte(n)})
	}
	f := r.camera.frames.Get(r.opening.Size)
	if r.opening.JPEG && wanted&capture.OwnJPEG != 0 {
		f.JPEG = []byte{byte(n)}
	}
	luma := byte(n)
	if r.opening.Luma != nil {
		luma = r.opening.Luma(int(n))
	}
	for _, plane := range [][]byte{f.Y, f.U, f.V} {
		plane[0] = luma
		for n := 1; n < len(plane); n *= 2 {
			copy(plane[n:], plane[:n])
		}
	}
	return f
}

// next waits for the device's next picture and returns its number, from 1.
func (r *fakeReader) next() (int64, error) {
	var picture <-chan time.Time
	if o := r.opening; o.Frames == Endless || r.taken.Load() < int64(o.Frames) {
		timer := time.NewTimer(max(o.Interval-r.behind, 0))
		r.behind = max(r.behind-o.Interval, 0)
		defer timer.Stop()
		picture = timer.C
	} else if o.End != nil {
		return 0, fmt.Errorf("read fake camera: %w", o.End)
	}
	// Closed wins over a picture that is due at the same moment.
	if r.closing.HasBegun() {
		return 0, errFakeClosed
	}
	select {
	case <-r.closing.Begun():
		return 0, errFakeClosed
	case <-r.unplugged:
		return 0, fmt.Errorf("read fake camera: %w", r.unplugErr)
	case <-picture:
		return r.taken.Add(1), nil
	}
}

var errFakeClosed = errors.New("read fake camera: closed")

// Close implements capture.FrameReader.
func (r *fakeReader) Close() error {
	return r.closing.Once(func() error {
		if d := r.opening.CloseDelay; d > 0 {
			<-time.After(d)
		}
		r.closing.AwaitRead()
		r.camera.count(func(c *CameraCounts) { c.Open-- })
		return r.opening.CloseErr
	})
}
