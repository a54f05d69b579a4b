package packetizer

import "github.com/pushcam/pushcam/capture"

// RFC 7741 section 4.2, the VP8 payload descriptor with all that tells layers
// apart, as written before each part of a picture:
//
//	 0 1 2 3 4 5 6 7
//	+-+-+-+-+-+-+-+-+
//	|X|R|N|S|R| PID |  X = 1; S = 1 on the first packet of a picture; PID = 0
//	+-+-+-+-+-+-+-+-+
//	|I|L|T|K| RSV   |  I = L = T = 1
//	+-+-+-+-+-+-+-+-+
//	|M| PictureID   |  M = 1
//	+-+-+-+-+-+-+-+-+
//	|   PictureID   |
//	+-+-+-+-+-+-+-+-+
//	|  TL0PICIDX    |
//	+-+-+-+-+-+-+-+-+
//	|TID|Y| KEYIDX  |
//	+-+-+-+-+-+-+-+-+
//
// A stream without layers has it too: libwebrtc has one way to find a picture's
// references with it and one without, and forgets all when it changes.
const (
	vp8DescriptorSize = 6
	vp8Extended       = 0x80
	vp8Start          = 0x10
	vp8HasAll         = 0xe0
	vp8LongPictureID  = 0x8000
	vp8LayerShift     = 6
	vp8LayerSync      = 0x20
)

// vp8Stamp is a picture's place in the stream of one viewer. What the viewer is
// not sent has none, so nothing of it is missed.
type vp8Stamp struct {
	pictureID uint16
	base      uint8 // TL0PICIDX: counts the pictures of layer 0
	layer     uint8
	sync      bool
}

// next is the stamp of the picture sent after s.
func (s vp8Stamp) next(au *capture.AccessUnit) vp8Stamp {
	s.pictureID++
	s.layer, s.sync = au.Layer, au.LayerSync
	if au.Layer == 0 {
		s.base++
	}
	return s
}

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

func appendVP8Descriptor(b []byte, first bool, s vp8Stamp) []byte {
	flags := byte(vp8Extended)
	if first {
		flags |= vp8Start
	}
	id := s.pictureID | vp8LongPictureID
	layer := s.layer << vp8LayerShift
	if s.sync {
		layer |= vp8LayerSync
	}
	return append(b, flags, vp8HasAll, byte(id>>8), byte(id), s.base, layer)
}
