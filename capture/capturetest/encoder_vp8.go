package capturetest

import (
	"errors"

	"github.com/pushcam/pushcam/capture"
)

// VP8Header is the uncompressed data chunk of a VP8 frame (RFC 6386 section
// 9.1).
type VP8Header struct {
	Keyframe  bool
	Version   int
	Show      bool
	FirstPart int          // bytes
	Size      capture.Size // of a keyframe
}

// ParseVP8Header reads the start of a frame.
func ParseVP8Header(frame []byte) (VP8Header, error) {
	if len(frame) < 3 {
		return VP8Header{}, errors.New("vp8: no frame tag")
	}
	tag := int(frame[0]) | int(frame[1])<<8 | int(frame[2])<<16
	h := VP8Header{
		Keyframe:  tag&1 == 0,
		Version:   tag >> 1 & 7,
		Show:      tag>>4&1 == 1,
		FirstPart: tag >> 5,
	}
	rest := frame[3:]
	if h.Keyframe {
		if len(rest) < 7 || [3]byte(rest) != [3]byte{0x9d, 0x01, 0x2a} {
			return h, errors.New("vp8: keyframe without start code")
		}
		h.Size.Width = (int(rest[3]) | int(rest[4])<<8) & 0x3fff
		h.Size.Height = (int(rest[5]) | int(rest[6])<<8) & 0x3fff
		rest = rest[7:]
	}
	if h.FirstPart > len(rest) {
		return h, errors.New("vp8: first partition is longer than the frame")
	}
	return h, nil
}

func vp8Picture(payload []byte) (keyframe bool, size capture.Size, err error) {
	h, err := ParseVP8Header(payload)
	if err == nil && !h.Show {
		err = errors.New("vp8: frame is not shown")
	}
	return h.Keyframe, h.Size, err
}

// Picture tells what a viewer would find in an AccessUnit's payload: whether
// it is a keyframe, and then its size. What could not be decoded as a live
// picture is an error.
func Picture(codec capture.Codec, payload []byte) (keyframe bool, size capture.Size, err error) {
	switch codec {
	case capture.H264:
		return h264Picture(payload)
	case capture.VP8:
		return vp8Picture(payload)
	case capture.NoCodec:
	}
	return false, size, errors.New("picture: of no codec")
}
