package camera

import (
	"errors"
	"fmt"

	"github.com/pushcam/pushcam/capture"
)

// codedFormat is the format of modes in which the camera encodes by itself.
const codedFormat = "H264"

// Coded says whether a mode is wanted in which the camera encodes by itself.
// Its pictures cost nothing here, but cannot be scaled, given another bitrate,
// or shown to a viewer without that codec.
type Coded uint8

const (
	// CodedIfNeeded takes one when no other reaches the size and rate that are
	// wished for.
	CodedIfNeeded Coded = iota
	// CodedOnly takes no other.
	CodedOnly
	// CodedNever takes none.
	CodedNever
)

// amongCoded returns the modes to choose from, and why when they are those in
// which the camera encodes.
func (w Wish) amongCoded(modes []capture.Mode) (left []capture.Mode, why string, err error) {
	coded := filter(modes, func(m capture.Mode) bool { return m.Format == codedFormat })
	raw := filter(modes, func(m capture.Mode) bool { return m.Format != codedFormat })
	switch w.Coded {
	case CodedOnly:
		if len(coded) == 0 {
			return nil, "", errors.New("the camera does not encode by itself: start without --codec passthrough")
		}
		return coded, codedFormat + ": encoded by the camera, as asked", nil
	case CodedNever:
		if len(raw) == 0 {
			return nil, "", errors.New("the camera delivers H.264 only: start with --codec h264 or auto")
		}
		return raw, "", nil
	case CodedIfNeeded:
	}
	if len(raw) == 0 {
		return coded, codedFormat + ": encoded by the camera, its only format", nil
	}
	if !w.reached(raw) && w.reached(coded) {
		reason := fmt.Sprintf("%s: encoded by the camera, as no other format reaches %v at %s fps", codedFormat, w.Size, rateText(w.FrameRate))
		return coded, reason, nil
	}
	return raw, "", nil
}

// reached reports whether a mode has the size that is wished for, and at least
// the rate.
func (w Wish) reached(modes []capture.Mode) bool {
	for _, m := range modes {
		if m.Size == w.Size && (m.FrameRate >= w.FrameRate || sameRate(m.FrameRate, w.FrameRate)) {
			return true
		}
	}
	return false
}
