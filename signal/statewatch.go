package signal

import "time"

// stateWatch follows the camera's state for one viewer, which need not hear of
// every change: after each look that saw one, it rests. The next look is due
// when changed or rested is readable. Its call's goroutine owns it.
type stateWatch struct {
	states States
	pause  time.Duration

	last    CameraState
	changed <-chan struct{}  // nil while resting
	rested  <-chan time.Time // nil while not
}

// look returns the state, and whether it differs from what the last look saw.
func (w *stateWatch) look() (CameraState, bool) {
	state, changed := w.states.CameraState()
	if state == w.last {
		w.changed, w.rested = changed, nil
		return state, false
	}
	w.last = state
	w.changed, w.rested = nil, time.After(w.pause)
	return state, true
}
