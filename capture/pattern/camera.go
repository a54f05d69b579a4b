package pattern

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/pushcam/pushcam/capture"
)

// Camera delivers the test card. The zero value is ready: 1280x720 at 30
// pictures per second. As with any capture.Camera, one goroutine at a time
// uses it.
type Camera struct {
	// Size is both even, from 64x64 to 7680x4320; zero is 1280x720.
	Size capture.Size
	// FrameRate is in pictures per second, 1 to 240; zero is 30.
	FrameRate float64
	// Caption stands below the time: "no camera found". It may be empty.
	// Of ASCII, letters, digits and the usual punctuation show.
	Caption string
}

var (
	_ capture.Camera      = (*Camera)(nil)
	_ capture.FrameReader = (*reader)(nil)
	_ capture.Thinner     = (*reader)(nil)
)

// Name returns "test pattern".
func (c *Camera) Name() string { return "test pattern" }

// Open paints what stays the same from picture to picture, which takes about
// 0.1 s for 1280x720 on a fast machine. It fails only for a size or rate out of bounds, or
// with ctx.
func (c *Camera) Open(ctx context.Context) (capture.FrameReader, error) {
	mode, err := c.mode()
	if err != nil {
		return nil, fmt.Errorf("open test pattern: %w", err)
	}
	picture := newPicture(mode, c.Caption)
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("open test pattern: %w", err)
	}
	return &reader{
		mode:    mode,
		picture: picture,
		closing: capture.NewCloser(),
		pace:    pace{start: time.Now(), rate: mode.FrameRate},
	}, nil
}

func (c *Camera) mode() (capture.Mode, error) {
	m := capture.Mode{Size: c.Size, FrameRate: c.FrameRate, Format: "I420"}
	if m.Size == (capture.Size{}) {
		m.Size = capture.Size{Width: 1280, Height: 720}
	}
	if m.FrameRate == 0 {
		m.FrameRate = 30
	}
	switch w, h := m.Width, m.Height; {
	case w < 64 || h < 64 || w > 7680 || h > 4320 || w%2 != 0 || h%2 != 0:
		return m, fmt.Errorf("size %v: want both even, 64x64 to 7680x4320", m.Size)
	case !(m.FrameRate >= 1 && m.FrameRate <= 240):
		return m, fmt.Errorf("frame rate %g: want 1 to 240", m.FrameRate)
	}
	return m, nil
}

// reader is an opened Camera.
type reader struct {
	mode    capture.Mode
	closing *capture.Closer

	// owned by the goroutine that reads
	pace    pace
	picture *picture
	pool    capture.FramePool
	sleeper capture.Sleeper
	thin    int // each so many-th picture is drawn; 0 like 1
}

func (r *reader) Mode() capture.Mode { return r.mode }

// Read draws the next picture ahead of its time and returns it at its time, so
// that drawing adds no latency. A reader that comes late gets the latest
// picture that it missed at once, the next one on time again, never a burst.
func (r *reader) Read() (*capture.Frame, error) {
	r.closing.StartRead()
	defer r.closing.EndRead()
	if r.closing.HasBegun() {
		return nil, errReaderClosed()
	}
	f := r.pool.Get(r.mode.Size)
	f.Omitted = r.pace.skip(r.thin)
	start := time.Now()
	n, due := r.pace.take(start)
	f.Time = due
	r.picture.draw(f, n)
	f.Decoding = time.Since(start)
	if r.sleeper.Sleep(time.Until(due), r.closing.Begun()) {
		return f, nil
	}
	f.Release()
	return nil, errReaderClosed()
}

// Thin implements capture.Thinner: what is left out is not drawn.
func (r *reader) Thin(every int) { r.thin = every }

func (r *reader) Close() error {
	return r.closing.Once(func() error {
		r.closing.AwaitRead()
		return nil
	})
}

func errReaderClosed() error { return fmt.Errorf("read test pattern: %w", os.ErrClosed) }
