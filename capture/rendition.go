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
// last, and encodes while at least one of them is read.
type rendition struct {
	source *Source
	codec  Codec
	slot   *slot
	log    *slog.Logger

	effort atomic.Pointer[Effort] // never nil
	meter  meter

	places int      // Subscriptions, read or not; guarded by source.mu
	gate   Thinning // guarded by source.mu

	wantKeyframe atomic.Bool
	begun        chan struct{} // capacity 1: a Subscription began to be read
	stop         chan struct{} // closed by Source when the last Subscription went

	mu sync.Mutex
	// readers are the Subscriptions that are read; copied on change, so that
	// delivery holds no lock.
	readers []*Subscription
	// run is what was encoded since the last keyframe, that one included, as
	// long as a new reader can begin with it.
	run        []*AccessUnit
	keyframeAt time.Time // when the last keyframe was encoded
}

func newRendition(s *Source, codec Codec) *rendition {
	r := &rendition{
		source: s, codec: codec, slot: newSlot(), log: s.cfg.Log,
		begun: make(chan struct{}, 1), stop: make(chan struct{}),
	}
	effort := s.sparing[codec].effort
	r.effort.Store(&effort)
	return r
}

func (r *rendition) requestKeyframe() { r.wantKeyframe.Store(true) }

// begin makes s a reader. It starts from the last keyframe when that is fresh,
// else with the next one.
func (r *rendition) begin(s *Subscription) {
	r.mu.Lock()
	if len(r.run) > 0 && time.Since(r.keyframeAt) < keyframeInterval {
		s.prefill(r.run)
	} else {
		r.requestKeyframe()
	}
	r.readers = append(slices.Clone(r.readers), s)
	r.mu.Unlock()
	select {
	case r.begun <- struct{}{}:
	default:
	}
}

func (r *rendition) leave(s *Subscription) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.readers = slices.DeleteFunc(slices.Clone(r.readers), func(o *Subscription) bool { return o == s })
	if len(r.readers) == 0 {
		r.run = nil // what comes next is not its continuation
	}
}

// awaited reports whether a reader waits for a keyframe.
func (r *rendition) awaited() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.ContainsFunc(r.readers, (*Subscription).awaits)
}

func (r *rendition) read() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.readers) > 0
}

// work encodes what comes into the slot until stop. An encoder that fails is
// made anew after a pause; the Subscriptions stay.
func (r *rendition) work() {
	defer r.slot.close()
	for {
		err := r.encode()
		if err == nil {
			return
		}
		r.source.stats.encoderFailures.Add(1)
		// The same complaint at every attempt is one complaint.
		if r.source.setTrouble(r.codec, troubleOf(r.codec, err)) {
			r.log.Error("encoder failed", "codec", r.codec, "retry", encoderRetry, "err", err)
		}
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
	slate := frame.Slate
	encoder := &effortEncoder{rendition: r}
	defer encoder.close()
	var wait keyframeWait
	for ; frame != nil; frame = r.next() {
		if frame.Slate != slate {
			// Nothing of the one shows in the other: a picture of its own is
			// cleaner than a difference, and not larger.
			slate = frame.Slate
			r.requestKeyframe()
		}
		start := time.Now()
		coded := frame.Coded != nil
		au, err := r.encodeOne(encoder, frame, start)
		if err != nil {
			r.source.stats.drops.add(DropFailed, 1)
			return err
		}
		r.source.setTrouble(r.codec, wait.trouble(coded && r.awaited(), au, start))
		r.source.stats.encoded(au, coded, time.Since(start))
		if au != nil {
			au.Slate = slate
			r.publish(au, start)
		}
	}
	return nil
}

// encodeOne takes over f. It refuses what no encoder of this codec can take.
func (r *rendition) encodeOne(encoder *effortEncoder, f *Frame, now time.Time) (*AccessUnit, error) {
	if err := f.suits(r.codec); err != nil {
		f.Release()
		return nil, err
	}
	if f.Coded == nil && !f.Slate { // those cost next to nothing
		r.meter.begin(now)
		defer r.meter.end()
	}
	return encoder.encode(f, *r.effort.Load(), r.keyframeDue(now))
}

// keyframeDue takes the request for a keyframe, if there is one and the last
// is not too recent.
func (r *rendition) keyframeDue(now time.Time) bool {
	r.mu.Lock()
	recent := now.Sub(r.keyframeAt) < keyframeInterval
	r.mu.Unlock()
	return !recent && r.wantKeyframe.CompareAndSwap(true, false)
}

func (r *rendition) publish(au *AccessUnit, now time.Time) {
	r.mu.Lock()
	switch {
	case au.Keyframe:
		r.run, r.keyframeAt = []*AccessUnit{au}, now
	case len(r.run) == 0 || len(r.run) == queueLength:
		r.run = nil // more than a new reader's queue takes
	default:
		r.run = append(r.run, au)
	}
	readers := r.readers
	r.mu.Unlock()
	for _, s := range readers {
		s.deliver(au)
	}
}

// next blocks for a Frame to encode; nil means stop. While nobody reads, the
// newest one waits in the slot, for a reader to begin with at once.
func (r *rendition) next() *Frame {
	for {
		if r.read() {
			if f := r.slot.take(); f != nil {
				return f
			}
		}
		select {
		case <-r.slot.ready:
		case <-r.begun:
		case <-r.stop:
			return nil
		}
	}
}
