package h264

import (
	"time"

	"github.com/pushcam/pushcam/capture"
)

// Stream makes Frames of one camera's access units: it counts them, knows their
// size, and puts SPS and PPS before each IDR picture that the camera sends
// without. One goroutine uses it.
type Stream struct {
	// RequestKeyframe goes into each Frame's Coded.
	RequestKeyframe func() error
	// Size is that of Frames before the first SPS tells. While it is zero,
	// there are none.
	Size capture.Size

	sets     ParameterSets
	sequence uint64
}

// Frame takes over the next access unit, which nobody may change any more, and
// returns a Frame of it with one reference, or nil while the size is not known:
// nothing can be decoded before the first SPS.
func (s *Stream) Frame(unit []byte, t time.Time) *capture.Frame {
	s.sequence++
	s.sets.Add(unit)
	if sps, ok := s.sets.SPS(); ok {
		s.Size = sps.Size
	}
	if s.Size == (capture.Size{}) {
		return nil
	}
	return capture.NewCodedFrame(s.Size, &capture.Coded{
		Codec: capture.H264, Payload: s.sets.Complement(unit), Sequence: s.sequence, RequestKeyframe: s.RequestKeyframe,
	}, t)
}

// Lost says that access units are missing before the next one.
func (s *Stream) Lost() { s.sequence++ }
