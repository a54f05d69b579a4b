package feed

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"sync/atomic"
	"time"

	"github.com/pushcam/pushcam/capture"
)

// clip is an opened regular file: each picture comes at its time, and after the
// last the first again. One that is late is skipped; coded ones, which are
// needed, come at once. Read belongs to one goroutine, Close to any.
type clip struct {
	kit  *kit
	name string
	file *os.File
	keep bool // whose file it is closes it
	mode atomic.Pointer[capture.Mode]

	closing *capture.Closer

	// owned by the goroutine that reads
	cutter cutter
	jury   jury
	capture.Thinning
	capture.JPEGKeeping
	pace     pace
	round    int    // pictures since the file began
	sequence uint64 // of the last coded picture
	sleeper  capture.Sleeper
}

var (
	_ capture.FrameReader = (*clip)(nil)
	_ capture.Thinner     = (*clip)(nil)
	_ capture.JPEGKeeper  = (*clip)(nil)
)

// newClip takes over file, unless keep is set. Its errors are for the caller to
// put a name to.
func newClip(k *kit, name string, file *os.File, keep bool) (*clip, error) {
	r := &clip{kit: k, name: name, file: file, keep: keep, jury: jury{kit: k}, closing: capture.NewCloser()}
	err := r.rewind()
	if err == nil {
		return r, nil
	}
	if !keep {
		_ = file.Close()
	}
	return nil, plain(err)
}

// rewind begins with the first byte. The file may have become another since.
func (r *clip) rewind() error {
	if _, err := r.file.Seek(0, io.SeekStart); err != nil {
		return err
	}
	c, err := r.kit.newCutter(bufio.NewReaderSize(r.file, inputSize), nil)
	if errors.Is(err, io.EOF) {
		return errors.New("is empty")
	}
	if err != nil {
		return err
	}
	r.cutter, r.round = c, 0
	mode := c.mode()
	if mode.Size.Pixels() == 0 && r.mode.Load() != nil {
		mode.Size = r.mode.Load().Size
	}
	r.setMode(mode)
	return nil
}

// setMode records what is known, with the rate at which the clip is shown.
func (r *clip) setMode(mode capture.Mode) {
	if mode.FrameRate == 0 {
		mode.FrameRate = r.kit.cfg.FrameRate
	}
	if mode.FrameRate == 0 {
		mode.FrameRate = 30
	}
	if old := r.mode.Load(); old == nil || *old != mode {
		r.mode.Store(&mode)
	}
}

// Mode implements capture.FrameReader. The size may be known from the first
// Frame on only.
func (r *clip) Mode() capture.Mode { return *r.mode.Load() }

// Read implements capture.FrameReader. The picture is made ahead of its time.
func (r *clip) Read() (*capture.Frame, error) {
	r.closing.StartRead()
	defer r.closing.EndRead()
	f, err := r.read()
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", r.name, plain(err))
	}
	return f, nil
}

func (r *clip) read() (*capture.Frame, error) {
	for {
		if r.closing.HasBegun() {
			return nil, errClosed
		}
		p, due, err := r.cut()
		if err != nil {
			return nil, err
		}
		if p.frame == nil && p.jpeg == nil {
			continue // too late for this one
		}
		if !p.isCoded() && r.Omits(due) {
			r.kit.drop(p)
			continue
		}
		f, err := r.kit.develop(p, r.Wanted())
		if err != nil {
			if err := r.jury.judge(err); err != nil {
				return nil, err
			}
			continue
		}
		r.jury.good()
		r.stamp(f, due)
		f.Omitted = r.Pass(due)
		if r.sleeper.Sleep(time.Until(due), r.closing.Begun()) {
			return f, nil
		}
		f.Release()
	}
}

func (r *clip) stamp(f *capture.Frame, due time.Time) {
	f.Time = due
	mode := r.cutter.mode()
	mode.Size = f.Size
	r.setMode(mode)
	if f.Coded != nil {
		// The cutter of each round counts for itself.
		r.sequence++
		f.Coded.Sequence = r.sequence
	}
}

// cut returns the next picture and when it is due; nothing, when the one after
// it is due, too.
func (r *clip) cut() (p picture, due time.Time, err error) {
	for {
		now := time.Now()
		rate := r.Mode().FrameRate
		p, err = r.cutter.next(func() bool { return !r.pace.isLate(now) })
		switch {
		case err == nil:
			r.round++
			// Known with the first picture only, of H.264.
			if told := r.cutter.mode().FrameRate; told > 0 {
				rate = told
			}
			return p, r.pace.next(now, rate), nil
		case isEnd(err):
			err = r.again()
		default:
			err = r.jury.judge(err)
		}
		if err != nil {
			return picture{}, due, err
		}
		if r.closing.HasBegun() {
			return picture{}, due, errClosed
		}
	}
}

// again goes back to the beginning.
func (r *clip) again() error {
	if r.round == 0 {
		return errors.New("has no whole picture in it")
	}
	return r.rewind()
}

// Close implements capture.FrameReader.
func (r *clip) Close() error {
	return r.closing.Once(func() error {
		r.closing.AwaitRead()
		if r.keep {
			return nil
		}
		if err := r.file.Close(); err != nil {
			return fmt.Errorf("close %s: %w", r.name, plain(err))
		}
		return nil
	})
}

// plain is err without the path that it concerns, which the caller tells.
func plain(err error) error {
	var path *os.PathError
	if errors.As(err, &path) && err == error(path) { //nolint:errorlint // only where nothing is around it
		return path.Err
	}
	return err
}
