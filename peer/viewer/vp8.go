package viewer

import (
	"errors"

	"github.com/pion/rtp/codecs"

	"github.com/pushcam/pushcam/capture"
)

var (
	errVP8NoStart  = errors.New("vp8 packet is not a frame's first")
	errVP8NewStart = errors.New("vp8 frame begins inside a frame")
	errVP8Header   = errors.New("vp8 keyframe header is broken")
)

// vp8 is the payload format of RFC 7741. Pion parses the descriptor:
//
//	 0 1 2 3 4 5 6 7
//	+-+-+-+-+-+-+-+-+
//	|X|R|N|S|R| PID |  S with PID 0: the first packet of a frame
//	+-+-+-+-+-+-+-+-+
//	|I|L|T|K| RSV   |  L and T: TL0PICIDX, TID and Y are there
//	+-+-+-+-+-+-+-+-+
type vp8 struct {
	descriptor codecs.VP8Packet
	size       capture.Size
}

func (v *vp8) begins(payload []byte) bool {
	return len(payload) > 0 && payload[0]&0x17 == 0x10
}

// place implements depacketizer.
func (v *vp8) place(payload []byte) place {
	if _, err := v.descriptor.Unmarshal(payload); err != nil || v.descriptor.L&v.descriptor.T == 0 {
		return place{}
	}
	d := &v.descriptor
	return place{layered: true, layer: d.TID & (maxLayers - 1), sync: d.Y == 1 && d.TID > 0, base: d.TL0PICIDX}
}

// fresh implements depacketizer.
func (v *vp8) fresh(payload []byte) bool {
	if !v.begins(payload) {
		return false
	}
	data, err := v.descriptor.Unmarshal(payload)
	return err == nil && len(data) > 0 && data[0]&1 == 0
}

func (v *vp8) reset() {}

func (v *vp8) add(picture, payload []byte) ([]byte, error) {
	data, err := v.descriptor.Unmarshal(payload)
	if err != nil {
		return picture, err
	}
	switch first := v.begins(payload); {
	case first && len(picture) > 0:
		return picture, errVP8NewStart
	case !first && len(picture) == 0:
		return picture, errVP8NoStart
	}
	return append(picture, data...), nil
}

// finish reads the frame tag and, in a keyframe, the start code and the sizes
// (RFC 6386 section 9.1):
//
//	byte 0 bit 0    0 in a keyframe
//	bytes 3 to 5    9d 01 2a
//	bytes 6 to 9    width and height, 14 bits and 2 of scale each, little endian
func (v *vp8) finish(picture []byte) (bool, capture.Size, error) {
	if len(picture) < 3 {
		return false, v.size, errVP8Header
	}
	if picture[0]&1 != 0 {
		return false, v.size, nil
	}
	if len(picture) < 10 || picture[3] != 0x9d || picture[4] != 0x01 || picture[5] != 0x2a {
		return false, v.size, errVP8Header
	}
	side := func(low, high byte) int { return int(low) | int(high&0x3f)<<8 }
	v.size = capture.Size{Width: side(picture[6], picture[7]), Height: side(picture[8], picture[9])}
	return true, v.size, nil
}
