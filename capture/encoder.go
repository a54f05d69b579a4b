package capture

import (
	"errors"
	"fmt"
	"time"
)

// ErrEncoderClosed is returned by every method of an Encoder after Close.
var ErrEncoderClosed = errors.New("encoder is closed")

// Encoder turns Frames of any size into AccessUnits. It is owned by one
// goroutine.
type Encoder interface {
	// Encode returns the encoded picture, or nil without error when rate
	// control chose to skip it. With force it is a keyframe and never
	// skipped; so is the first, and the first after a change of size. It does
	// not keep f. Of a coded Frame it may return nothing up to the camera's
	// next keyframe, for which it asks the camera when force is set.
	Encode(f *Frame, force bool) (*AccessUnit, error)
	// SetBitrate changes the target from the next Encode on, without a
	// keyframe.
	SetBitrate(Bitrate) error
	// Close frees the encoder. A second Close does nothing.
	Close() error
}

// LayeredEncoder is an Encoder that can put its pictures into temporal layers;
// see AccessUnit.Layer. What it makes of a Frame that is no use for that, as a
// coded one, is in layer 0.
type LayeredEncoder interface {
	Encoder
	// SetLayered turns layers on or off from the next Encode on, without a
	// keyframe. They are off at first, as they cost bits or time; even then a
	// few pictures may be above layer 0.
	SetLayered(bool)
}

// setLayered is SetLayered of an Encoder that may know no layers.
func setLayered(e Encoder, layered bool) {
	if l, ok := e.(LayeredEncoder); ok {
		l.SetLayered(layered)
	}
}

// EncoderConfig is what every Encoder needs to know before the first Frame;
// the size comes with the Frame.
type EncoderConfig struct {
	Bitrate Bitrate
	// FrameRate is the nominal rate in pictures per second. Rate control
	// follows the Frames' own Time; this is the hint before there are any.
	FrameRate float64
	// Preset trades CPU for quality in the encoder's own terms; "" is the
	// encoder's choice for real time.
	Preset string
	// Threads is how many the encoder may use; 0 lets it choose.
	Threads int
	// MaxThreads bounds Threads and the encoder's own choice; 0 does not.
	MaxThreads int
}

// Validate reports the first value that no encoder could work with.
func (c EncoderConfig) Validate() error {
	switch {
	case c.Bitrate < 10*Kbps || c.Bitrate > 200*Mbps:
		return fmt.Errorf("bitrate %v: want 10k to 200M", c.Bitrate)
	case !(c.FrameRate >= 1 && c.FrameRate <= 240):
		return fmt.Errorf("frame rate %g: want 1 to 240", c.FrameRate)
	case c.Threads < 0 || c.Threads > 64:
		return fmt.Errorf("threads %d: want 0 to 64", c.Threads)
	case c.MaxThreads < 0:
		return fmt.Errorf("most threads %d: want 0 or more", c.MaxThreads)
	}
	return nil
}

// WithBitrate is c with another target, or why no encoder could work with it.
func (c EncoderConfig) WithBitrate(bitrate Bitrate) (EncoderConfig, error) {
	c.Bitrate = bitrate
	return c, c.Validate()
}

// AccessUnit is one encoded picture. It is immutable.
type AccessUnit struct {
	Codec    Codec
	Size     Size
	Rung     Rung
	Keyframe bool
	// Slate: it was made of a Slate.
	Slate bool
	// Layer is the temporal layer, 0 for the base: a picture refers to pictures
	// of its own and lower layers only. So a viewer can leave out all above any
	// layer, from any picture on, and decode the rest.
	Layer uint8
	// LayerSync, above layer 0: since the last keyframe, only pictures of layer
	// 0 are needed to decode this one, and with it all that follow up to its
	// layer. So a viewer that left pictures out can take up this layer, and
	// those below it, here.
	LayerSync bool
	// Time is the capture time of the Frame it was made from.
	Time time.Time
	// Payload is the whole picture: for H264 an Annex B byte stream (ITU-T
	// H.264 annex B) in which SPS and PPS come before each IDR picture, for
	// VP8 one frame (RFC 6386 section 9).
	Payload []byte

	cut fragmentsOnce
}
