package v4l2

import (
	"errors"
	"fmt"
	"io/fs"
	"syscall"
	"time"

	"github.com/pushcam/pushcam/capture"
)

// LevelFunc returns the level_idc (ITU-T H.264 table A-1) that a stream of this
// size, rate in pictures per second and bitrate is announced with.
type LevelFunc func(size capture.Size, frameRate float64, bitrate capture.Bitrate) (int, error)

// Encoder is a capture.Encoder in hardware: H.264 constrained baseline, one
// picture in, one out. One goroutine uses it. The device is opened for the size
// of the first Frame and opened anew when that changes; Close frees it.
//
// After an error that is not the Frame's it is of no more use than to be
// closed. That may take seconds then, as drivers wait for what hangs.
type Encoder struct {
	node   EncoderNode
	level  LevelFunc
	config capture.EncoderConfig // Bitrate is the present target
	closed bool
	failed error

	device   *encoderDevice // nil until the first Frame
	size     capture.Size
	levelIDC int
	headers  headers
	fresh    bool // nothing came out yet
	cadence  capture.Cadence
	pace     pace
	stamp    time.Duration
	missed   int
}

var _ capture.Encoder = (*Encoder)(nil)

const (
	// firstPicture and nextPicture are how long a picture may take. The
	// Raspberry Pi's 1080p takes a thirtieth of a second.
	firstPicture = 2 * time.Second
	nextPicture  = 500 * time.Millisecond
	// skipAfter is how long of that it may take when the device is through with
	// what it was made of: several times what an encoder takes that keeps up.
	skipAfter = 100 * time.Millisecond
	// keyframeAttempts is how often a picture is encoded until it is a keyframe.
	keyframeAttempts = 4
	// A picture that was skipped weighs missWeight, and one that came takes one
	// away. More than missLimit is no rate control, but an encoder that hangs.
	missWeight = 3
	missLimit  = 30
)

// NewEncoder returns an Encoder that has not opened the device yet. It reports
// what is wrong with the configuration, whose Preset and Threads mean nothing
// here.
func (n EncoderNode) NewEncoder(config capture.EncoderConfig, level LevelFunc) (*Encoder, error) {
	if err := config.Validate(); err != nil {
		return nil, fmt.Errorf("encoder %s: %w", n.Path, err)
	}
	return &Encoder{node: n, level: level, config: config, cadence: capture.NewCadence(config.FrameRate)}, nil
}

// Encode implements capture.Encoder. It returns no picture when the device's
// rate control left it out. It fails with ErrEncoderStalled when the device
// hangs.
func (e *Encoder) Encode(f *capture.Frame, force bool) (*capture.AccessUnit, error) {
	if e.closed {
		return nil, capture.ErrEncoderClosed
	}
	if err := f.Validate(); err != nil {
		return nil, e.fail("encode", err)
	}
	if e.failed != nil {
		return nil, e.failed
	}
	interval := e.cadence.Next(f)
	if err := e.ready(f.Size, interval); err != nil {
		e.failed = e.fail(fmt.Sprintf("open %v", f.Size), err)
		return nil, e.failed
	}
	payload, keyframe, err := e.encode(f, force, interval)
	if err != nil {
		e.failed = e.fail("encode", err)
		return nil, e.failed
	}
	if payload == nil {
		return nil, nil
	}
	return &capture.AccessUnit{Codec: capture.H264, Size: f.Size, Keyframe: keyframe, Time: f.Time, Payload: payload}, nil
}

// ready makes the device an encoder of this size at the present target.
func (e *Encoder) ready(size capture.Size, interval time.Duration) error {
	level, err := e.level(size, e.config.FrameRate, e.config.Bitrate)
	if err != nil {
		return err
	}
	if e.device == nil || e.size != size || level > e.levelIDC {
		return e.open(size, level, interval)
	}
	if e.pace.retime(interval) {
		if err := e.device.setInterval(fraction(interval)); err != nil {
			if gone(err) {
				return err
			}
			e.pace.fixed = true
		} else {
			e.pace.interval = interval
		}
	}
	return e.tellBitrate(&e.device.control, interval)
}

func (e *Encoder) tellBitrate(control *Device, interval time.Duration) error {
	told, changed := e.pace.rebitrate(e.config.Bitrate, interval)
	if !changed {
		return nil
	}
	e.pace.bitrate = told
	return control.setBitrate(told)
}

func (e *Encoder) open(size capture.Size, level int, interval time.Duration) error {
	if err := e.node.Fits(size); err != nil {
		return err
	}
	if err := e.free(); err != nil {
		return err
	}
	e.headers, e.pace = headers{}, pace{interval: interval}
	device, err := e.node.openDevice(size, fraction(interval), func(control *Device) error {
		if e.node.coded == H264 {
			if err := control.configure(level); err != nil {
				return err
			}
		}
		return e.tellBitrate(control, interval)
	})
	if err != nil {
		return err
	}
	e.device, e.size, e.levelIDC, e.fresh = device, size, level, true
	return nil
}

// encode has the picture encoded until it is what was asked for. It returns
// nil for a skipped one.
func (e *Encoder) encode(f *capture.Frame, force bool, interval time.Duration) (payload []byte, keyframe bool, err error) {
	ask, need := force && !e.fresh, force || e.fresh
	for range keyframeAttempts {
		if ask {
			if err := e.device.control.forceKeyframe(); err != nil {
				return nil, false, err
			}
		}
		payload, keyframe, what, err := e.once(f, interval)
		switch {
		case err != nil:
			return nil, false, err
		case what == skipped:
			if e.missed += missWeight; e.missed > missLimit {
				return nil, false, fmt.Errorf("it takes pictures and gives none back: %w", ErrEncoderStalled)
			}
			if !need {
				return nil, false, nil
			}
		case what == broken:
			ask, need = true, true
			continue
		case keyframe || !need:
			e.fresh, e.missed = false, max(e.missed-1, 0)
			return payload, keyframe, nil
		}
		// What came is not needed by any other picture: a keyframe follows. A
		// request may take effect one picture late, so it is not repeated at once.
		ask = !ask
	}
	return nil, false, fmt.Errorf("it gives no keyframe in %d attempts", keyframeAttempts)
}

// once has the picture encoded.
func (e *Encoder) once(f *capture.Frame, interval time.Duration) (payload []byte, keyframe bool, what outcome, err error) {
	// Times that neither jitter nor jump, as some rate controls look at them.
	e.stamp += max(interval, time.Millisecond).Truncate(time.Microsecond)
	patience, grace := nextPicture, skipAfter
	if e.fresh {
		patience, grace = firstPicture, firstPicture
	}
	deadline := time.Now().Add(patience)
	if err := e.device.send(f, e.stamp, deadline); err != nil {
		return nil, false, pending, err
	}
	for {
		index, what, err := e.device.receive(deadline, grace)
		if err != nil || what != encoded {
			return nil, false, what, err
		}
		stream, err := e.device.coded.payload(index)
		if err != nil {
			return nil, false, what, err
		}
		payload, keyframe, err = e.headers.accessUnit(stream, f.Size)
		if err = errors.Join(err, e.device.coded.enqueue(index, 0)); err != nil || payload != nil {
			return payload, keyframe, what, err
		}
		// Only parameter sets: the picture is still to come.
	}
}

// SetBitrate implements capture.Encoder. Only a target that the level written
// in the stream does not allow starts a new stream with the next Encode, and so
// a keyframe.
func (e *Encoder) SetBitrate(bitrate capture.Bitrate) error {
	if e.closed {
		return capture.ErrEncoderClosed
	}
	config, err := e.config.WithBitrate(bitrate)
	if err != nil {
		return e.fail("set", err)
	}
	e.config = config
	return nil
}

// Close implements capture.Encoder.
func (e *Encoder) Close() error {
	e.closed = true
	if err := e.free(); err != nil {
		return e.fail("close", err)
	}
	return nil
}

func (e *Encoder) free() error {
	device := e.device
	e.device = nil
	if device == nil {
		return nil
	}
	return device.close()
}

// fail names the operation and the device, and what to do about the error.
func (e *Encoder) fail(operation string, err error) error {
	switch {
	case errors.Is(err, fs.ErrPermission), errors.Is(err, syscall.ENOMEM), errors.Is(err, syscall.EMFILE), errors.Is(err, syscall.ENFILE):
		err = explain(err, e.node.Path)
	case errors.Is(err, syscall.EBUSY):
		err = fmt.Errorf("another program uses it (%w)", err)
	}
	return fmt.Errorf("encoder %v: %s: %w", e.node, operation, err)
}
