package capture

import "time"

// JPEGKeeper is a FrameReader that can leave the camera's own JPEGs in its Frames,
// if it gets such, which takes copying them.
type JPEGKeeper interface {
	// KeepJPEGs makes Read return Frames with their JPEG, or without. The
	// goroutine that reads calls it.
	KeepJPEGs(keep bool)
}

// JPEGKeeping is what a JPEGKeeper was told. A FrameReader that embeds one has its
// method from it. One goroutine at a time uses it.
type JPEGKeeping struct{ keep bool }

// KeepJPEGs implements JPEGKeeper.
func (k *JPEGKeeping) KeepJPEGs(keep bool) { k.keep = keep }

// KeepsJPEGs reports what it was told.
func (k *JPEGKeeping) KeepsJPEGs() bool { return k.keep }

// keptFor is how long JPEGs are kept after a Snapshot, for who takes one now and
// then: so that the last picture has its JPEG the next time.
const keptFor = time.Minute

// wantJPEGs is for a Snapshot. s.mu is held.
func (s *Source) wantJPEGs(now time.Time) { s.jpegsUntil = now.Add(keptFor) }

// keeping returns what makes the reader, if it is able to, keep JPEGs while they
// are wanted. The goroutine that reads calls it before each Read.
func (s *Source) keeping(reader FrameReader) func() {
	keeper, ok := reader.(JPEGKeeper)
	s.mu.Lock()
	s.keeper = ok
	s.mu.Unlock()
	return func() {
		if !ok {
			return
		}
		s.mu.Lock()
		wanted := s.onlookers.jpegs > 0 || time.Now().Before(s.jpegsUntil)
		s.mu.Unlock()
		keeper.KeepJPEGs(wanted)
	}
}
