package peertest

import (
	"time"

	"github.com/pushcam/pushcam/capture"
	"github.com/pushcam/pushcam/capture/capturetest"
)

// encoder makes pictures as large as the bitrate says, keyframes four times as
// large, each with its capture time in its last bytes: what a viewer gets is
// known to be whole, and how old it is.
type encoder struct{ *capturetest.FakeEncoder }

var _ capture.Encoder = encoder{}

func newEncoder(codec capture.Codec, cfg capture.EncoderConfig) (capture.Encoder, error) {
	e, err := capturetest.NewFakeEncoder(codec, cfg)
	return encoder{e}, err
}

// Encode implements capture.Encoder.
func (e encoder) Encode(f *capture.Frame, force bool) (*capture.AccessUnit, error) {
	au, err := e.FakeEncoder.Encode(f, force)
	if au != nil {
		au.Payload = append(au.Payload, stamp(au.Time)...)
	}
	return au, err
}

// stampSize is the length of a stamp: Unix nanoseconds, four bits to a byte, so
// that nothing in it looks like a start code.
const stampSize = 16

func stamp(t time.Time) []byte {
	b := make([]byte, stampSize)
	for i := range b {
		b[i] = 0x40 | byte(t.UnixNano()>>(4*i)&15)
	}
	return b
}

// stamped is the time in a picture's last bytes, the zero time without one.
func stamped(payload []byte) time.Time {
	if len(payload) < stampSize {
		return time.Time{}
	}
	nanoseconds := int64(0)
	for i, b := range payload[len(payload)-stampSize:] {
		if b&0xf0 != 0x40 {
			return time.Time{}
		}
		nanoseconds |= int64(b&15) << (4 * i)
	}
	return time.Unix(0, nanoseconds)
}
