package capture

import "time"

// Parts is what somebody needs of the Frames of a camera that sends JPEGs. Frames
// of all others have planes, and so have Slates.
type Parts uint8

const (
	// Planes are needed.
	Planes Parts = 1 << iota
	// OwnJPEG is the camera's own, or planes where there is none. Who needs no
	// more may get a Frame without planes.
	OwnJPEG
)

// JPEGKeeper is a FrameReader that can leave the camera's own JPEGs in its Frames,
// if it gets such, which takes copying them; and that can leave them undecoded.
type JPEGKeeper interface {
	// KeepJPEGs has Read ask, of each picture when it has come, what its Frame is
	// to have. It is called once, before the first Read.
	KeepJPEGs(wanted func() Parts)
}

// JPEGKeeping is what a JPEGKeeper was told. A FrameReader that embeds one has its
// method from it. One goroutine at a time uses it.
type JPEGKeeping struct{ wanted func() Parts }

// KeepJPEGs implements JPEGKeeper.
func (k *JPEGKeeping) KeepJPEGs(wanted func() Parts) { k.wanted = wanted }

// Wanted asks; the answer is Planes where nobody told whom.
func (k *JPEGKeeping) Wanted() Parts {
	if k.wanted == nil {
		return Planes
	}
	return k.wanted()
}

// NewJPEGFrame returns a Frame of a JPEG alone, with one reference.
func NewJPEGFrame(size Size, jpeg []byte) *Frame {
	f := &Frame{Size: size, JPEG: jpeg}
	f.refs.Store(1)
	return f
}

// does reports whether f is something for who needs these. All but a JPEG alone
// is something for everybody.
func (f *Frame) does(needed Parts) bool {
	return needed&Planes == 0 || f.JPEG == nil || f.Y != nil
}

// keptFor is how long what a Snapshot had is kept for the next, for who takes one
// now and then: so that the last picture has it, too.
const keptFor = time.Minute

// keep is for a Snapshot. s.mu is held.
func (s *Source) keep(parts Parts, now time.Time) {
	if parts&OwnJPEG != 0 {
		s.jpegsUntil = now.Add(keptFor)
	}
	if parts&Planes != 0 {
		s.planesUntil = now.Add(keptFor)
	}
}

// keeping has the reader, if it is able to, keep JPEGs and leave them undecoded as
// is wanted.
func (s *Source) keeping(reader FrameReader) {
	keeper, ok := reader.(JPEGKeeper)
	s.mu.Lock()
	s.keeper = ok
	s.mu.Unlock()
	if ok {
		keeper.KeepJPEGs(s.wanted)
	}
}

// wanted is what anybody needs of the next picture. The first ones of a camera are
// looked at: how bright they are tells when it is ready.
func (s *Source) wanted() (parts Parts) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	if s.onlookers.jpegs > 0 || now.Before(s.jpegsUntil) {
		parts = OwnJPEG
	}
	if parts == 0 || len(s.renditions) > 0 || s.onlookers.planes > 0 || now.Before(s.planesUntil) ||
		s.newest == nil || !s.exposure.settled {
		parts |= Planes
	}
	return parts
}
