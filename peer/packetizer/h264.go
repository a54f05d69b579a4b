package packetizer

import (
	"github.com/pushcam/pushcam/capture"
	"github.com/pushcam/pushcam/capture/h264"
)

// RFC 6184 section 5.8, the FU-A packet:
//
//	 0                   1
//	 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 ...
//	+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+---
//	|F|NRI|   28    |S|E|R|  type   | part of the NAL unit, without its header
//	+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+---
const (
	nalTypeFUA   = 28
	nalTypeMask  = 0x1f
	nalFlagsMask = 0xe0 // F and NRI
	fuStart      = 0x80
	fuEnd        = 0x40
)

func cutH264(annexB []byte) []capture.Fragment {
	fragments := make([]capture.Fragment, 0, len(annexB)/MaxPayload+4)
	for nal := range h264.NALs(annexB) {
		if len(nal) <= MaxPayload {
			fragments = append(fragments, capture.Fragment{Payload: nal})
			continue
		}
		flags, kind, body := nal[0]&nalFlagsMask, nal[0]&nalTypeMask, nal[1:]
		count, size := pieces(len(body), MaxPayload-2)
		for i := range count {
			fu := kind
			if i == 0 {
				fu |= fuStart
			}
			if i == count-1 {
				fu |= fuEnd
			}
			n := min(size, len(body))
			fragments = append(fragments, capture.Fragment{
				Header:  [capture.FragmentHeaderSize]byte{flags | nalTypeFUA, fu},
				HeaderN: 2,
				Payload: body[:n],
			})
			body = body[n:]
		}
	}
	return fragments
}
