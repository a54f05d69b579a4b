package main

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/pushcam/pushcam/capture"
)

// checkEvery is the least time between two looks for a camera that is closed, as
// each asks all devices.
const checkEvery = time.Second

// readiness is whether the camera can be used. Any goroutine uses it.
type readiness struct {
	source *capture.Source
	look   func() error // for a camera that is closed; nil where that tells nothing

	mu     sync.Mutex // held while it looks: who asks too waits for the answer
	looked time.Time
	err    error
}

func newReadiness(source *capture.Source, camera capture.Camera) *readiness {
	r := &readiness{source: source}
	if c, ok := camera.(interface{ Check() error }); ok {
		r.look = c.Check
	}
	return r
}

// check reports why the camera cannot be used.
func (r *readiness) check(context.Context) error {
	status, _ := r.source.Status()
	switch status.State {
	case capture.Lost:
		return errors.New("camera lost: " + status.Detail)
	case capture.Idle:
		if r.look != nil {
			return r.lookAgain()
		}
	case capture.Opening, capture.Live, capture.Closing:
	}
	return nil
}

func (r *readiness) lookAgain() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if now := time.Now(); r.looked.IsZero() || now.Sub(r.looked) >= checkEvery {
		r.err = r.look()
		r.looked = time.Now()
	}
	return r.err
}
