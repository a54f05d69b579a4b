package main

import (
	"log/slog"
	"sync"
	"time"

	"github.com/pushcam/pushcam/signal"
)

// outages notes when a viewer is without the camera: from the word that it is
// lost to the first picture after the word that it is live again. Pictures in
// between are those that stand for it.
type outages struct {
	log *slog.Logger // says so as it happens

	mu        sync.Mutex // told and seen have goroutines of their own
	lost      time.Time  // when the present outage began; zero is none
	live      bool       // the camera is said to be back
	shown     bool       // there was a picture
	meanwhile int        // pictures since it was lost
	sum       outageSum
}

// outageSum is what outages come to.
type outageSum struct {
	count   int
	longest time.Duration
}

// told takes a state that the server sent.
func (o *outages) told(camera signal.CameraState) {
	o.mu.Lock()
	defer o.mu.Unlock()
	switch {
	case camera.State == signal.CameraLost && o.lost.IsZero():
		o.lost, o.live, o.meanwhile = time.Now(), false, 0
		o.sum.count++
		o.log.Warn("camera lost", "detail", camera.Detail)
	case camera.State == signal.CameraLost:
		o.live = false // it was back for less than a picture
	case camera.State == signal.CameraLive:
		o.live = true
	}
}

// seen takes a picture that can be shown.
func (o *outages) seen() {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.shown {
		o.shown = true
		o.log.Info("first picture")
	}
	if o.lost.IsZero() {
		return
	}
	if !o.live {
		// The first may still be of the camera, on its way when it was lost.
		if o.meanwhile++; o.meanwhile == 2 {
			o.log.Info("slate instead of the camera")
		}
		return
	}
	took := time.Since(o.lost)
	o.lost = time.Time{}
	o.sum.longest = max(o.sum.longest, took)
	o.log.Info("picture back", "after", took.Round(time.Millisecond))
}

// total counts an outage that is not over, too.
func (o *outages) total() outageSum {
	o.mu.Lock()
	defer o.mu.Unlock()
	sum := o.sum
	if !o.lost.IsZero() {
		sum.longest = max(sum.longest, time.Since(o.lost))
	}
	return sum
}
