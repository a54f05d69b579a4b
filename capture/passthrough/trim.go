package passthrough

import (
	"github.com/pushcam/pushcam/capture/h264"
)

// trim returns the part of an access unit that a viewer needs, in the same
// memory, and whether that is a keyframe: an IDR picture with its parameter
// sets. It leaves out what stands before all that and after it: access unit
// delimiters, which would take a packet each, SEI messages of pictures that are
// no keyframe, filler. A unit without a slice gives nothing.
func trim(unit []byte) (payload []byte, keyframe bool) {
	var sps, pps, idr bool
	begin, end := -1, 0
	for nal := range h264.NALs(unit) {
		// The NAL unit's own place, as it shares the unit's memory.
		at := cap(unit) - cap(nal)
		switch t := h264.TypeOf(nal); {
		case t == h264.TypeAUD, t == h264.TypeFiller, t == h264.TypeEndOfSeq, t == h264.TypeEndOfStream:
			continue
		case t == h264.TypeSEI && begin < 0:
			continue
		case t == h264.TypeSPS:
			sps = true
		case t == h264.TypePPS:
			pps = true
		case t.Coded():
			idr = idr || t == h264.TypeIDR
			end = at + len(nal)
		}
		if begin < 0 {
			begin = at - len("\x00\x00\x01")
		}
	}
	if end == 0 {
		return nil, false
	}
	if begin > 0 && unit[begin-1] == 0 {
		begin-- // the longer start code
	}
	return unit[begin:end:end], idr && sps && pps
}
