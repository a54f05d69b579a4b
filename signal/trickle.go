package signal

import "sync"

// trickle holds candidates that a session has found until its call takes them.
// add may be called from any goroutine, and never blocks.
type trickle struct {
	wake chan struct{} // holds a token while there may be something to take

	mu    sync.Mutex
	found []Candidate
	room  int // how many more are accepted
}

func newTrickle(limit int) trickle {
	return trickle{wake: make(chan struct{}, 1), room: limit}
}

func (t *trickle) add(c Candidate) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.room == 0 {
		return
	}
	t.room--
	t.found = append(t.found, c)
	select {
	case t.wake <- struct{}{}:
	default:
	}
}

func (t *trickle) take() []Candidate {
	t.mu.Lock()
	defer t.mu.Unlock()
	found := t.found
	t.found = nil
	return found
}

// stop makes add forget what it is given from now on.
func (t *trickle) stop() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.room, t.found = 0, nil
}
