package capture

import "sync"

// slot holds the newest Frame between a camera and one encoder. It is the only
// buffer there: a Frame that is still in it when the next one comes was too
// late for its encoder and is dropped.
type slot struct {
	ready chan struct{} // capacity 1: holds a token while frame may be set

	mu     sync.Mutex
	frame  *Frame
	closed bool
}

func newSlot() *slot { return &slot{ready: make(chan struct{}, 1)} }

// put takes over the caller's reference and reports whether an older Frame had
// to go.
func (s *slot) put(f *Frame) (dropped bool) {
	s.mu.Lock()
	old := s.frame
	if s.closed {
		s.frame, old = nil, f
	} else {
		s.frame = f
		dropped = old != nil
	}
	s.mu.Unlock()
	if old != nil {
		old.Release()
	}
	select {
	case s.ready <- struct{}{}:
	default:
	}
	return dropped
}

// take returns the Frame with its reference, or nil when there is none.
func (s *slot) take() *Frame {
	s.mu.Lock()
	defer s.mu.Unlock()
	f := s.frame
	s.frame = nil
	return f
}

// close releases what is left; a later put releases at once.
func (s *slot) close() {
	s.mu.Lock()
	f := s.frame
	s.frame, s.closed = nil, true
	s.mu.Unlock()
	if f != nil {
		f.Release()
	}
}
