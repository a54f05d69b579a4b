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

	sets     ParameterSets
	sequence uint64
}

// Frame takes over the next access unit, which nobody may change any more, and
// returns a Frame of it with one reference: nil before the first SPS, as
// nothing can be decoded before.
func (s *Stream) Frame(unit []byte, t time.Time) *capture.Frame {
	s.sequence++
	s.sets.Add(unit)
	sps, ok := s.sets.SPS()
	if !ok {
		return nil
	}
	return capture.NewCodedFrame(sps.Size, &capture.Coded{
		Codec: capture.H264, Payload: s.sets.Complement(unit), Sequence: s.sequence, RequestKeyframe: s.RequestKeyframe,
	}, t)
}

// Lost says that access units are missing before the next one.
func (s *Stream) Lost() { s.sequence++ }
