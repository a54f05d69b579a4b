package passthrough

import (
	"sync"
	"time"
)

// How long a camera has to answer before it is asked again: at first, which is
// also the least time between two questions, and at most.
const (
	firstPatience = time.Second
	maxPatience   = 8 * time.Second
)

// request asks a camera for a keyframe, by the clock of its pictures. It belongs
// to the goroutine of its Encoder.
type request struct {
	wanted   bool
	patience time.Duration // after asked; 0 before the first question
	asked    time.Time

	running sync.WaitGroup // the call that is under way; the camera's bus may be slow
	busy    chan struct{}  // closed when it has returned
}

// want notes that a keyframe is needed.
func (r *request) want() { r.wanted = true }

// answered notes that one came.
func (r *request) answered() { r.wanted, r.patience = false, min(r.patience, firstPatience) }

// ask calls ask, which may be nil, when a keyframe is wanted and the last call
// is long enough ago. An error of it is as good as a camera that does nothing:
// viewers wait for the keyframe that comes by itself.
func (r *request) ask(ask func() error, now time.Time) {
	passed := now.Sub(r.asked) // less than zero when the clock was set back
	if !r.wanted || ask == nil || passed >= 0 && passed < r.patience {
		return
	}
	if r.busy != nil {
		select {
		case <-r.busy:
		default:
			return
		}
	}
	r.asked, r.patience = now, min(max(2*r.patience, firstPatience), maxPatience)
	busy := make(chan struct{})
	r.busy = busy
	r.running.Go(func() {
		defer close(busy)
		_ = ask() // see above
	})
}
