package packetizer

import "github.com/pushcam/pushcam/capture"

// historyLength is how many pictures can be asked for again: about two seconds
// at 30 a second. What comes later than that is of no use to a viewer who wants
// to see what is now. A power of two.
const historyLength = 64

// picture is what was sent: references only, as encoded pictures are immutable
// and all viewers have the same.
type picture struct {
	first, count uint16 // sequence numbers
	stamp        stamp
	au           *capture.AccessUnit
}

// history is the pictures sent since the last keyframe, that one included, the
// newest historyLength of them.
type history struct {
	pictures [historyLength]picture
	n        uint64 // pictures ever added
	packets  uint64 // of those
	// Both as they were before the last keyframe was.
	keyframe, keyframePackets uint64
}

func (h *history) add(k picture) {
	if k.au.Keyframe {
		// A viewer that has it needs nothing older, and so the memory of
		// that is not kept from being freed.
		h.pictures = [historyLength]picture{}
		h.keyframe, h.keyframePackets = h.n, h.packets
	}
	h.pictures[h.n%historyLength] = k
	h.n++
	h.packets += uint64(k.count)
}

// find returns the picture that has a packet of this sequence number, and which
// of its packets it is. When there is none it says why.
func (h *history) find(sequence uint16) (k *picture, i int, outcome Outcome) {
	if h.n == 0 {
		return nil, 0, NeverSent
	}
	newest := &h.pictures[(h.n-1)%historyLength]
	age := newest.first + newest.count - 1 - sequence
	if age >= 1<<15 || uint64(age) >= h.packets {
		return nil, 0, NeverSent
	}
	if h.packets-1-uint64(age) < h.keyframePackets {
		return nil, 0, Superseded
	}
	oldest := h.keyframe
	if h.n > historyLength {
		oldest = max(oldest, h.n-historyLength)
	}
	// What is asked for is new, mostly.
	for n := h.n; n > oldest; n-- {
		k := &h.pictures[(n-1)%historyLength]
		if i := sequence - k.first; i < k.count {
			return k, int(i), Repeated
		}
	}
	return nil, 0, TooOld
}
