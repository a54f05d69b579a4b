package camera

import (
	"errors"
	"fmt"
	"image"
	"io"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/pion/mediadevices/pkg/driver"
	"github.com/pion/mediadevices/pkg/frame"
	"github.com/pion/mediadevices/pkg/io/video"

	"github.com/pushcam/pushcam/capture"
)

// How long a device may deliver nothing usable. A cheap camera behind a hub
// takes seconds to its first picture; later, silence means that it hangs.
const (
	firstPictureLimit = 8 * time.Second
	nextPictureLimit  = 3 * time.Second
	// maxBroken ends what fails without waiting, which no clock would catch.
	maxBroken = 60
)

var errClosed = errors.New("camera is closed")

// reader is a running device. Read belongs to one goroutine, the rest may be
// called by any.
type reader struct {
	device   Device
	driver   driver.Driver
	pictures video.Reader
	system   System
	frames   *capture.FramePool
	skipped  *atomic.Uint64
	mode     atomic.Pointer[capture.Mode]

	// owned by the goroutine that reads
	coded    func(image.Image) ([]*capture.Frame, error) // nil unless the camera encodes
	pending  []*capture.Frame                            // what it made beyond the first
	broken   int                                         // pictures since the last good one
	deadline time.Time                                   // for the next good picture
	patience time.Duration                               // that a good picture sets the deadline to
	capture.Thinning
	capture.JPEGKeeping

	closing *capture.Closer
}

var (
	_ capture.FrameReader = (*reader)(nil)
	_ capture.Thinner     = (*reader)(nil)
	_ capture.JPEGKeeper  = (*reader)(nil)
)

func newReader(c *Camera, f found, pictures video.Reader, mode capture.Mode) *reader {
	r := &reader{
		device: f.Device, driver: f.driver, pictures: pictures, system: c.cfg.System,
		frames: &c.frames, skipped: &c.skipped,
		patience: nextPictureLimit, deadline: time.Now().Add(firstPictureLimit),
		closing: capture.NewCloser(),
	}
	if mode.Format == codedFormat && c.cfg.System.Coded != nil {
		r.coded = c.cfg.System.Coded()
	}
	if mode.FrameRate > 0 {
		// A rate below one picture a second is a choice, not a fault.
		interval := time.Duration(float64(time.Second) / mode.FrameRate)
		r.patience = max(r.patience, 3*interval)
		r.deadline = time.Now().Add(max(firstPictureLimit, 3*interval))
	}
	r.mode.Store(&mode)
	return r
}

// Mode implements capture.FrameReader. The size is the delivered one from the
// first Frame on.
func (r *reader) Mode() capture.Mode { return *r.mode.Load() }

// Read implements capture.FrameReader.
func (r *reader) Read() (*capture.Frame, error) {
	r.closing.StartRead()
	defer r.closing.EndRead()
	for {
		f, err := r.next()
		if r.closing.HasBegun() {
			if f != nil {
				f.Release()
			}
			return nil, fmt.Errorf("read camera %s: %w", r.device.Title, errClosed)
		}
		switch {
		case err == nil && f == nil && time.Now().Before(r.deadline):
			continue // left out, or not yet a whole one
		case err == nil && f == nil:
			err = errors.New("pieces of pictures, and no whole one for too long")
		case err == nil:
			r.broken, r.deadline = 0, f.Time.Add(r.patience)
			return f, nil
		}
		if err := r.judge(err); err != nil {
			return nil, fmt.Errorf("read camera %s: %w", r.device.Title, err)
		}
	}
}

// next reads one picture and copies it, as its memory is the driver's; or it
// returns nothing, when the picture is left out, or not yet a whole one.
func (r *reader) next() (*capture.Frame, error) {
	if r.closing.HasBegun() {
		return nil, errClosed
	}
	if len(r.pending) > 0 {
		f := r.pending[0]
		r.pending = r.pending[1:]
		return f, nil
	}
	img, release, err := r.pictures.Read()
	if release != nil {
		defer release()
	}
	if err != nil {
		return nil, err
	}
	now := time.Now()
	if r.omits(now) {
		return nil, nil
	}
	f, err := r.decode(img)
	if f == nil || err != nil {
		return nil, err
	}
	f.Decoding, f.Omitted = time.Since(now), r.Pass(now)
	if f.Time.IsZero() {
		f.Time = now
	}
	if mode := *r.mode.Load(); mode.Size != f.Size {
		mode.Size = f.Size
		r.mode.Store(&mode)
	}
	return f, nil
}

// omits reports whether the picture that came now is to be left out, which
// proves, too, that the camera lives. Coded ones need each other.
func (r *reader) omits(now time.Time) bool {
	if r.coded != nil || !r.Omits(now) {
		return false
	}
	r.deadline = now.Add(r.patience)
	return true
}

func (r *reader) decode(img image.Image) (*capture.Frame, error) {
	if r.coded != nil {
		frames, err := r.coded(img)
		if err != nil || len(frames) == 0 {
			return nil, err
		}
		r.pending = frames[1:]
		return frames[0], nil
	}
	if r.system.Decode != nil {
		wanted := r.Wanted()
		if wanted == capture.OwnJPEG && r.system.Undecoded != nil {
			if f := r.system.Undecoded(img); f != nil {
				return f, nil
			}
		}
		f, err := r.system.Decode(r.frames, img)
		if err == nil && wanted&capture.OwnJPEG != 0 && r.system.JPEG != nil {
			f.JPEG = r.system.JPEG(img)
		}
		return f, err
	}
	f, err := toFrame(r.frames, img, r.mode.Load().Format == frame.FormatMJPEG)
	if err != nil {
		return nil, err
	}
	f.Time = time.Time{} // the driver does not say
	return f, nil
}

// judge returns the error that ends the reader, or nil when the next picture
// may be a good one: the driver goes on after a picture it cannot decode, and
// after a timeout.
func (r *reader) judge(err error) error {
	var errno syscall.Errno
	if errors.As(err, &errno) || r.system.Final != nil && r.system.Final(err) {
		return err
	}
	late := !time.Now().Before(r.deadline)
	if isTimeout(err) {
		if late {
			return errors.New("no picture for too long: the camera hangs, or its cable or hub is at fault")
		}
		// Counts against a driver that reports this without waiting.
		r.broken++
	} else {
		r.broken++
		r.skipped.Add(1)
	}
	if late || r.broken >= maxBroken {
		return fmt.Errorf("%d unusable pictures in a row: %w", r.broken, err)
	}
	return nil
}

// isTimeout knows what the drivers say when no picture came in time. The
// Linux one's error is not exported, the macOS one says io.EOF.
func isTimeout(err error) bool {
	return errors.Is(err, io.EOF) || err.Error() == "read timeout"
}

// Close implements capture.FrameReader. It takes as long as the driver waits
// for a picture, when none comes.
func (r *reader) Close() error {
	return r.closing.Once(func() error {
		err := r.driver.Close()
		r.closing.AwaitRead()
		if err != nil {
			return fmt.Errorf("close camera %s: %w", r.device.Title, err)
		}
		return nil
	})
}
