package passthrough

import (
	"errors"
	"fmt"

	"github.com/pushcam/pushcam/capture"
)

// Encoder passes on H.264. Like any Encoder it is used by one goroutine.
type Encoder struct {
	newRaw capture.NewEncoderFunc
	config capture.EncoderConfig
	closed bool

	raw     capture.Encoder // while Frames have planes, else nil
	layered bool            // for raw

	// of coded Frames
	next     uint64 // the Sequence that follows
	awaiting bool   // nothing is of use before the next keyframe
	request  request
}

var _ capture.LayeredEncoder = (*Encoder)(nil)

// New returns how to make Encoders of H.264 that use raw for Frames with
// planes. Without raw those are an error.
func New(raw capture.NewEncoderFunc) capture.NewEncoderFunc {
	return func(config capture.EncoderConfig) (capture.Encoder, error) {
		if err := config.Validate(); err != nil {
			return nil, fmt.Errorf("passthrough: %w", err)
		}
		return &Encoder{newRaw: raw, config: config, awaiting: true}, nil
	}
}

// Encode implements capture.Encoder. Of a coded Frame it returns nil when the
// picture cannot be decoded by who has got nothing before. A forced one need
// not be a keyframe: the camera is asked, and gives it when it likes.
func (e *Encoder) Encode(f *capture.Frame, force bool) (*capture.AccessUnit, error) {
	switch {
	case e.closed:
		return nil, capture.ErrEncoderClosed
	case f == nil || f.Coded == nil:
		return e.encode(f, force)
	case f.Coded.Codec != capture.H264:
		return nil, fmt.Errorf("passthrough: the camera delivers %v, want %v", f.Coded.Codec, capture.H264)
	}
	// Who waits for the camera's first keyframe after a Slate sees the
	// Slate's last picture meanwhile.
	if err := e.closeRaw(); err != nil {
		return nil, err
	}
	return e.pass(f, force), nil
}

// encode is for Frames with planes.
func (e *Encoder) encode(f *capture.Frame, force bool) (*capture.AccessUnit, error) {
	if err := f.Validate(); err != nil {
		return nil, fmt.Errorf("passthrough: %w", err)
	}
	if e.raw == nil {
		if e.newRaw == nil {
			return nil, errors.New("passthrough: the camera delivers pictures that are not coded")
		}
		raw, err := e.newRaw(e.config)
		if err != nil {
			return nil, err
		}
		e.raw = raw
	}
	e.awaiting = true // for coded Frames
	if l, ok := e.raw.(capture.LayeredEncoder); ok {
		l.SetLayered(e.layered)
	}
	return e.raw.Encode(f, force)
}

func (e *Encoder) closeRaw() error {
	if e.raw == nil {
		return nil
	}
	err := e.raw.Close()
	e.raw = nil
	return err
}

func (e *Encoder) pass(f *capture.Frame, force bool) *capture.AccessUnit {
	c := f.Coded
	if c.Sequence != e.next {
		e.awaiting = true
	}
	e.next = c.Sequence + 1
	payload, keyframe := trim(c.Payload)
	if keyframe {
		e.awaiting = false
		e.request.answered()
	}
	if e.awaiting || force && !keyframe {
		e.request.want()
	}
	e.request.ask(c.RequestKeyframe, f.Time)
	if e.awaiting || len(payload) == 0 {
		return nil
	}
	return &capture.AccessUnit{Codec: capture.H264, Size: f.Size, Keyframe: keyframe, Time: f.Time, Payload: payload}
}

// SetBitrate implements capture.Encoder. Coded pictures have the bitrate that
// the camera gives them.
func (e *Encoder) SetBitrate(bitrate capture.Bitrate) error {
	if e.closed {
		return capture.ErrEncoderClosed
	}
	config, err := e.config.WithBitrate(bitrate)
	if err != nil {
		return fmt.Errorf("passthrough: %w", err)
	}
	e.config = config
	if e.raw == nil {
		return nil
	}
	return e.raw.SetBitrate(bitrate)
}

// SetLayered implements capture.LayeredEncoder, for Frames with planes. Coded
// pictures have no layers.
func (e *Encoder) SetLayered(layered bool) { e.layered = layered }

// Close implements capture.Encoder. It waits for a camera that is being asked
// for a keyframe.
func (e *Encoder) Close() error {
	e.closed = true
	e.request.running.Wait()
	return e.closeRaw()
}
