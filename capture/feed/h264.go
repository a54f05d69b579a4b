package feed

import (
	"bufio"
	"errors"
	"io"
	"os"
	"time"

	"github.com/pushcam/pushcam/capture"
	"github.com/pushcam/pushcam/capture/h264"
)

// idler is what says when nothing comes: its Read fails with
// os.ErrDeadlineExceeded after the deadline.
type idler interface {
	SetReadDeadline(time.Time) error
}

// firstPause is how long a live feed has to be silent for its last picture to
// be taken for complete. Nothing else says so before the next picture begins,
// which would be a picture's time of delay.
const firstPause = 4 * time.Millisecond

// h264Cutter cuts an Annex B byte stream into access units. What comes before
// the first keyframe is left out.
type h264Cutter struct {
	in       *bufio.Reader
	idle     idler // nil in what is not live
	splitter h264.Splitter
	sets     h264.ParameterSets

	begun    bool // the first keyframe was there
	ended    bool
	sequence uint64
	// pause is doubled whenever it was too short: a writer on a busy machine
	// can stop in the middle of a picture.
	pause   time.Duration
	waiting bool // bytes came since the last flush
	flushed bool // nothing came since the last flush
}

func newH264Cutter(in *bufio.Reader, idle idler) *h264Cutter {
	return &h264Cutter{in: in, idle: idle, pause: firstPause}
}

// mode implements cutter. The size is known from the first picture on.
func (c *h264Cutter) mode() capture.Mode {
	m := capture.Mode{Format: "H264"}
	if sps, ok := c.sets.SPS(); ok {
		m.Size, m.FrameRate = sps.Size, sps.VUI.FrameRate()
	}
	return m
}

// next implements cutter. It skips nothing, as pictures need those before
// them.
func (c *h264Cutter) next(func() bool) (picture, error) {
	for {
		unit, at, err := c.unit()
		if err != nil {
			return picture{}, err
		}
		if f := c.frame(unit); f != nil {
			return picture{frame: f, time: at}, nil
		}
	}
}

// unit blocks for the next access unit and returns when its end came.
func (c *h264Cutter) unit() ([]byte, time.Time, error) {
	for {
		if unit := c.splitter.Next(); unit != nil {
			return unit, time.Now(), nil
		}
		if c.ended {
			return nil, time.Time{}, io.EOF
		}
		switch err := c.fill(); {
		case errors.Is(err, os.ErrDeadlineExceeded):
			c.waiting = false
			if unit := c.splitter.Flush(); unit != nil {
				c.flushed = true
				return unit, time.Now().Add(-c.pause), nil
			}
		case errors.Is(err, io.EOF):
			c.ended = true
			if unit := c.splitter.Flush(); unit != nil {
				return unit, time.Now(), nil
			}
		case err != nil:
			return nil, time.Time{}, err
		}
	}
}

// fill gives the splitter what comes next, or fails when that takes too long.
func (c *h264Cutter) fill() error {
	if err := c.await(); err != nil {
		return err
	}
	if c.flushed {
		c.flushed = false
		if c.goesOn() {
			c.pause *= 2
			c.sequence++ // the picture was given out cut short
		}
	}
	seen, _ := c.in.Peek(c.in.Buffered())
	_, _ = c.splitter.Write(seen)
	_, _ = c.in.Discard(len(seen))
	c.waiting = true
	return nil
}

func (c *h264Cutter) await() error {
	if c.idle == nil || !c.waiting || c.in.Buffered() > 0 {
		_, err := c.in.Peek(1)
		return err
	}
	if err := c.idle.SetReadDeadline(time.Now().Add(c.pause)); err != nil {
		return err
	}
	_, err := c.in.Peek(1)
	return errors.Join(err, c.idle.SetReadDeadline(time.Time{}))
}

// goesOn reports whether the bytes that come next belong to the picture before
// them: they do not begin with a start code, or with one of a slice that is not
// its picture's first.
func (c *h264Cutter) goesOn() bool {
	const enough = 6 // four bytes of start code, a NAL unit's header, first_mb_in_slice
	b, _ := c.in.Peek(enough)
	return len(b) == enough && h264.Continues(b)
}

// frame makes a Frame of an access unit; nil before the first keyframe whose
// parameter sets are known. Each keyframe gets them, as who begins to look
// later has not seen those before.
func (c *h264Cutter) frame(unit []byte) *capture.Frame {
	c.sets.Add(unit)
	keyframe := h264.Keyframe(unit)
	c.begun = c.begun || keyframe && c.sets.Complete()
	c.sequence++
	if !c.begun {
		return nil
	}
	sps, _ := c.sets.SPS()
	coded := &capture.Coded{Codec: capture.H264, Payload: c.sets.Complement(unit), Sequence: c.sequence}
	return capture.NewCodedFrame(sps.Size, coded, time.Time{})
}
