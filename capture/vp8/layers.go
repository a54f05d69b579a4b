package vp8

// #include "bridge.h"
import "C"

// place is what a picture does at one place of the pattern.
type place struct {
	layer uint8
	sync  bool
	flags C.int // of libvpx: what it refers to, and what it replaces
}

// roundLength is how many places a round of the pattern has.
const roundLength = 4

// pattern is how pictures go into layers, each in its place of a round:
//
//	layer 2     1     3     1     3     1
//	layer 1        2           2
//	layer 0  0           0           0
//
// All refer to the picture at 0 before them ("last"), the one at 3 also to that
// at 2 ("golden"). So what is above layer 0 can be taken up in every round; that
// layer 1 refers to itself, too, gains nothing that shows. Above layer 0 nothing
// changes the probabilities that pictures inherit (RFC 6386 section 9.11).
func pattern() [roundLength]place {
	const (
		above = C.VP8_EFLAG_NO_UPD_LAST | C.VP8_EFLAG_NO_UPD_ARF | C.VP8_EFLAG_NO_UPD_ENTROPY
		last  = C.VP8_EFLAG_NO_REF_GF | C.VP8_EFLAG_NO_REF_ARF
	)
	return [roundLength]place{
		{flags: last | C.VP8_EFLAG_NO_UPD_GF | C.VP8_EFLAG_NO_UPD_ARF},
		{layer: 2, sync: true, flags: last | above | C.VP8_EFLAG_NO_UPD_GF},
		{layer: 1, sync: true, flags: last | above},
		{layer: 2, flags: C.VP8_EFLAG_NO_REF_ARF | above | C.VP8_EFLAG_NO_UPD_GF},
	}
}

// longestWithout is how many pictures may go without layers. libwebrtc, and so
// every browser, compares a picture's id, of 15 bits, with that of the last one
// it had in the layer: after half of the ids it takes the new one for an older
// one and drops it, and with it all but layer 0 (seen in Chromium 156). So one
// round in so many pictures has layers, wanted or not.
const longestWithout = 1 << 13

// layering tells each picture its place. Its zero value is without layers.
type layering struct {
	wanted bool

	// Of the present round, which begins at place 0; without layers a round
	// is one picture.
	place   int
	layered bool
	shared  bool // rate control knows

	without int  // pictures since the last one with layers
	foreign bool // golden is not of layer 0
}

// next is the next picture's place, until advance.
func (l *layering) next(keyframe bool) place {
	if keyframe {
		l.place, l.without, l.foreign = 0, 0, false
	}
	if l.place == 0 {
		l.shared = l.wanted
		l.layered = l.wanted || l.without >= longestWithout
	}
	switch {
	case keyframe:
		return place{flags: C.VPX_EFLAG_FORCE_KF}
	case l.layered:
		return pattern()[l.place]
	case l.foreign:
		return place{flags: C.VP8_EFLAG_NO_REF_GF | C.VP8_EFLAG_FORCE_GF}
	}
	return place{}
}

// advance notes that the picture was made.
func (l *layering) advance() {
	if !l.layered {
		l.without++
		l.foreign = false
		return
	}
	l.without = 0
	l.foreign = true
	l.place = (l.place + 1) % roundLength
}
