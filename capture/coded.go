package capture

import "time"

// Coded is a picture that its camera encoded itself. It is immutable and lives
// as long as somebody refers to it.
type Coded struct {
	Codec Codec
	// Payload is the picture as the camera gave it: for H264 one access unit as
	// an Annex B byte stream. An IDR picture has its SPS and PPS with it, also
	// of a camera that sends them once only; h264.Stream sees to that.
	Payload []byte
	// Sequence is one more than that of the picture before. A hole says that
	// pictures are missing which those after it need, up to the next keyframe.
	Sequence uint64
	// RequestKeyframe asks the camera for a keyframe soon; nil when the camera
	// cannot be asked. Any goroutine may call it, also after the camera was
	// closed.
	RequestKeyframe func() error
}

// NewCodedFrame returns a Frame that has a Coded picture and no planes, with
// one reference.
func NewCodedFrame(size Size, coded *Coded, t time.Time) *Frame {
	f := &Frame{Size: size, Coded: coded, Time: t}
	f.refs.Store(1)
	return f
}
