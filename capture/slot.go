package capture

import "sync"

// slot holds the newest Frame between a camera and one encoder. It is the only
// buffer there: a Frame that is still in it when the next one comes was too
// late for its encoder and is dropped. Only coded Frames, which need each other,
// wait in a line, until that is codedLength long; then all of it is dropped.
type slot struct {
	ready chan struct{} // capacity 1: holds a token while frames may be there

	mu     sync.Mutex
	frames []*Frame
	closed bool
}

// codedLength is how many coded Frames wait: a quarter of a second at 30 per
// second. Who takes them has next to nothing to do, so that is a machine that
// stood still.
const codedLength = 8

func newSlot() *slot {
	return &slot{ready: make(chan struct{}, 1), frames: make([]*Frame, 0, codedLength)}
}

// put takes over the caller's reference and returns how many older Frames had
// to go, Slates not counted.
func (s *slot) put(f *Frame) (dropped int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		f.Release()
		return 0
	}
	n := len(s.frames)
	if n > 0 && (f.Coded == nil || s.frames[n-1].Coded == nil || n == codedLength) {
		for _, old := range s.frames {
			if !old.Slate {
				dropped++
			}
		}
		s.clear()
	}
	s.frames = append(s.frames, f)
	select {
	case s.ready <- struct{}{}:
	default:
	}
	return dropped
}

// take returns the oldest Frame with its reference, or nil when there is none.
func (s *slot) take() *Frame {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.frames) == 0 {
		return nil
	}
	f := s.frames[0]
	n := copy(s.frames, s.frames[1:])
	s.frames[n] = nil
	s.frames = s.frames[:n]
	return f
}

// close releases what is left; a later put releases at once.
func (s *slot) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.clear()
	s.closed = true
}

func (s *slot) clear() {
	for i, f := range s.frames {
		f.Release()
		s.frames[i] = nil
	}
	s.frames = s.frames[:0]
}
