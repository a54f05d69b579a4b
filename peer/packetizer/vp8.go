package packetizer

import "github.com/pushcam/pushcam/capture"

// RFC 7741 section 4.2, the VP8 payload descriptor with a picture id of 15
// bits, as written before each part of a picture:
//
//	 0 1 2 3 4 5 6 7
//	+-+-+-+-+-+-+-+-+
//	|X|R|N|S|R| PID |  X = 1; S = 1 on the first packet of a picture; PID = 0
//	+-+-+-+-+-+-+-+-+
//	|I|L|T|K| RSV   |  I = 1
//	+-+-+-+-+-+-+-+-+
//	|M| PictureID   |  M = 1
//	+-+-+-+-+-+-+-+-+
//	|   PictureID   |
//	+-+-+-+-+-+-+-+-+
const (
	vp8DescriptorSize = 4
	vp8Extended       = 0x80
	vp8Start          = 0x10
	vp8HasPictureID   = 0x80
	vp8LongPictureID  = 0x8000
)

func cutVP8(frame []byte) []capture.Fragment {
	if len(frame) == 0 {
		return nil
	}
	count, size := pieces(len(frame), MaxPayload-vp8DescriptorSize)
	fragments := make([]capture.Fragment, 0, count)
	for len(frame) > 0 {
		n := min(size, len(frame))
		fragments = append(fragments, capture.Fragment{Payload: frame[:n]})
		frame = frame[n:]
	}
	return fragments
}

func appendVP8Descriptor(b []byte, first bool, pictureID uint16) []byte {
	flags := byte(vp8Extended)
	if first {
		flags |= vp8Start
	}
	id := pictureID | vp8LongPictureID
	return append(b, flags, vp8HasPictureID, byte(id>>8), byte(id))
}
