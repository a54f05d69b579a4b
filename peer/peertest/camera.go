package peertest

import (
	"context"
	"errors"
	"time"

	"github.com/pushcam/pushcam/capture"
)

// pictureSize is what the bitrates of the Ladder are for.
var pictureSize = capture.Size{Width: 1280, Height: 720}

// camera delivers pictures with nothing in them: nobody looks, and painting them
// would take most of a test's time.
type camera struct{ frames capture.FramePool }

var _ capture.Camera = (*camera)(nil)

// Name implements capture.Camera.
func (*camera) Name() string { return "blank camera" }

// Open implements capture.Camera.
func (c *camera) Open(context.Context) (capture.FrameReader, error) {
	return &reader{camera: c, ticker: time.NewTicker(time.Second / FrameRate), closing: capture.NewCloser()}, nil
}

// reader is an open camera.
type reader struct {
	camera  *camera
	ticker  *time.Ticker
	closing *capture.Closer
}

// Mode implements capture.FrameReader.
func (*reader) Mode() capture.Mode {
	return capture.Mode{Size: pictureSize, FrameRate: FrameRate, Format: "I420"}
}

// Read implements capture.FrameReader.
func (r *reader) Read() (*capture.Frame, error) {
	r.closing.StartRead()
	defer r.closing.EndRead()
	select {
	case now := <-r.ticker.C:
		f := r.camera.frames.Get(pictureSize)
		f.Time = now
		return f, nil
	case <-r.closing.Begun():
		return nil, errors.New("read blank camera: closed")
	}
}

// Close implements capture.FrameReader.
func (r *reader) Close() error {
	return r.closing.Once(func() error {
		r.ticker.Stop()
		r.closing.AwaitRead()
		return nil
	})
}

// scale makes a smaller picture of nothing.
func scale(_, _ *capture.Frame) error { return nil }
