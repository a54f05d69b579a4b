package signaltest

import (
	"sync"

	"github.com/pushcam/pushcam/signal"
)

// States is a camera state that a test sets.
type States struct {
	mu      sync.Mutex
	state   signal.CameraState
	changed chan struct{} // closed at the next Set
}

var _ signal.States = (*States)(nil)

// NewStates returns States that begin with this one.
func NewStates(state signal.CameraState) *States {
	return &States{state: state, changed: make(chan struct{})}
}

// CameraState implements signal.States.
func (s *States) CameraState() (signal.CameraState, <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.state, s.changed
}

// Set changes the state.
func (s *States) Set(state signal.CameraState) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.state = state
	close(s.changed)
	s.changed = make(chan struct{})
}
