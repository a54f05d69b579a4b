package capture

import (
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// keyframeInterval is the least time between two keyframes that were
	// asked for: viewers that join, or lose packets, together share one.
	keyframeInterval = 300 * time.Millisecond
	// encoderRetry is the pause after an encoder failed.
	encoderRetry = time.Second
)

// rendition is one encoding in use: its encoder's goroutine and the
// Subscriptions that it feeds. It lives from its first Subscription to its
// last.
type rendition struct {
	source *Source
	codec  Codec
	slot   *slot
	log    *slog.Logger

	wantKeyframe atomic.Bool
	stop         chan struct{} // closed by Source when the last Subscription went

	mu            sync.Mutex
	subscriptions []*Subscription // copied on change, so that delivery holds no lock
}

func (r *rendition) requestKeyframe() { r.wantKeyframe.Store(true) }

func (r *rendition) add(s *Subscription) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.subscriptions = append(slices.Clone(r.subscriptions), s)
}

// remove reports whether s was the last one.
func (r *rendition) remove(s *Subscription) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.subscriptions = slices.DeleteFunc(slices.Clone(r.subscriptions), func(o *Subscription) bool { return o == s })
	return len(r.subscriptions) == 0
}

func (r *rendition) all() []*Subscription {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.subscriptions
}

// run encodes what comes into the slot until stop. An encoder that fails is
// made anew after a pause; the Subscriptions stay.
func (r *rendition) run() {
	defer r.slot.close()
	for {
		err := r.encode()
		if err == nil {
			return
		}
		r.source.stats.encoderFailures.Add(1)
		r.source.setTrouble(r.codec, err)
		r.log.Error("encoder failed", "codec", r.codec, "retry", encoderRetry, "err", err)
		select {
		case <-r.stop:
			return
		case <-time.After(encoderRetry):
		}
	}
}

// encode runs one encoder until stop (nil) or its failure.
func (r *rendition) encode() error {
	frame := r.next()
	if frame == nil {
		return nil
	}
	encoder, err := r.source.newEncoder(r.codec)
	if err != nil {
		frame.Release()
		return err
	}
	r.source.stats.encoders.Add(1)
	defer r.source.stats.encoders.Add(-1)
	defer encoder.Close() //nolint:errcheck // nothing depends on a finished encoder
	var lastKeyframe time.Time
	for first := true; frame != nil; frame = r.next() {
		start := time.Now()
		force := start.Sub(lastKeyframe) >= keyframeInterval && r.wantKeyframe.CompareAndSwap(true, false)
		au, err := encoder.Encode(frame, force)
		frame.Release()
		if err != nil {
			r.source.stats.drops.add(DropFailed, 1)
			return err
		}
		if first {
			first = false
			r.source.setTrouble(r.codec, nil)
		}
		r.source.stats.encoded(au, time.Since(start))
		if au == nil {
			continue
		}
		if au.Keyframe {
			lastKeyframe = start
		}
		for _, s := range r.all() {
			s.deliver(au)
		}
	}
	return nil
}

// next blocks for a Frame; nil means stop.
func (r *rendition) next() *Frame {
	for {
		if f := r.slot.take(); f != nil {
			return f
		}
		select {
		case <-r.slot.ready:
		case <-r.stop:
			return nil
		}
	}
}
