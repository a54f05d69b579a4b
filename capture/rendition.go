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
	renditionKey
	source *Source
	slot   *slot
	log    *slog.Logger

	steering steering
	bitrate  atomic.Int64 // that its encoder is set to
	thrift   *thrift
	meter    meter

	places  int      // Subscriptions, read or not; guarded by source.mu
	gate    Thinning // guarded by source.mu
	trouble string   // why its viewers get no pictures; guarded by source.mu

	wantKeyframe atomic.Bool
	retarget     atomic.Bool   // what its readers want of the bitrate may have changed
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
	prepared   time.Time // until then it encodes for who comes, see Subscription.Prepare
	// of the last picture
	size     Size
	at       time.Time
	interval time.Duration // smoothed
}

func newRendition(s *Source, key renditionKey, t *thrift) *rendition {
	r := &rendition{
		renditionKey: key, source: s, slot: newSlot(), log: s.cfg.Log, thrift: t,
		begun: make(chan struct{}, 1), stop: make(chan struct{}),
	}
	r.retarget.Store(true)
	return r
}

func (r *rendition) requestKeyframe() { r.wantKeyframe.Store(true) }

// begin makes s a reader, if it still wants to be one. It starts from the last
// keyframe when that is fresh, else with the next one.
func (r *rendition) begin(s *Subscription) {
	r.mu.Lock()
	var run []*AccessUnit
	if time.Since(r.keyframeAt) < keyframeInterval {
		run = r.run
	}
	began, left, wanted := s.prefill(r, run)
	if !wanted {
		r.mu.Unlock()
		return
	}
	if !began {
		r.requestKeyframe()
	}
	if !slices.Contains(r.readers, s) {
		r.readers = append(slices.Clone(r.readers), s)
	}
	r.mu.Unlock()
	r.retarget.Store(true)
	if left != nil {
		left.lose(s)
	}
	r.source.tellTrouble(r)
	select {
	case r.begun <- struct{}{}:
	default:
	}
}

// leave makes s no reader any more, unless it has come back.
func (r *rendition) leave(s *Subscription) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if s.wants(r) {
		return
	}
	r.readers = slices.DeleteFunc(slices.Clone(r.readers), func(o *Subscription) bool { return o == s })
	if !r.readLocked() {
		r.run = nil // what comes next is not its continuation
	}
	r.retarget.Store(true)
}

// lose is for a Subscription that went over to another rendition by itself.
func (r *rendition) lose(s *Subscription) {
	r.leave(s)
	r.source.giveBack(r)
}

func (r *rendition) reading() []*Subscription {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.readers
}

// awaited reports whether a reader waits for a keyframe.
func (r *rendition) awaited() bool { return slices.ContainsFunc(r.reading(), (*Subscription).awaits) }

// read reports whether somebody reads, or is just about to.
func (r *rendition) read() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.readLocked()
}

func (r *rendition) readLocked() bool {
	return len(r.readers) > 0 || time.Now().Before(r.prepared)
}

// shown reports whether somebody has no other pictures than these.
func (r *rendition) shown() bool {
	return slices.ContainsFunc(r.reading(), func(s *Subscription) bool { return s.at() == r })
}

// work encodes what comes into the slot until stop. An encoder that fails is
// made anew after a pause; the Subscriptions stay.
func (r *rendition) work() {
	defer r.finish()
	for {
		err := r.encode()
		if err == nil {
			return
		}
		r.source.stats.encoderFailures.Add(1)
		for _, s := range r.reading() {
			s.unhold(r)
		}
		// The same complaint at every attempt is one complaint.
		if r.source.setTrouble(r, troubleOf(r.codec, err)) {
			r.log.Error("encoder failed", "codec", r.codec, "rung", r.rung, "retry", encoderRetry, "err", err)
		}
		select {
		case <-r.stop:
			return
		case <-time.After(encoderRetry):
		}
	}
}

func (r *rendition) finish() {
	r.slot.close()
	if r.steering.dial.told > 0 {
		r.log.Debug("rendition stops", "codec", r.codec, "rung", r.rung)
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
	r.requestKeyframe() // the first picture is one
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
		if r.steering.dial.told == 0 {
			r.log.Debug("rendition starts", "codec", r.codec, "rung", r.rung)
		}
		if err := r.steer(encoder, start); err != nil {
			frame.Release()
			return err
		}
		au, err := r.encodeOne(encoder, frame, start)
		if err != nil {
			r.source.stats.drops.add(DropFailed, 1)
			return err
		}
		r.source.setTrouble(r, wait.trouble(coded && r.awaited(), au, start))
		r.source.stats.encoded(au, coded, time.Since(start))
		if au != nil {
			au.Rung, au.Slate = r.rung, slate
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
	return encoder.encode(f, r.thrift.effort(), r.keyframeDue(f, now))
}

// keyframeDue takes the request for a keyframe, if there is one, the last is not
// too recent, and who is to go over to this rendition with it can.
func (r *rendition) keyframeDue(f *Frame, now time.Time) bool {
	r.mu.Lock()
	recent := now.Sub(r.keyframeAt) < keyframeInterval
	readers := r.readers
	r.mu.Unlock()
	if recent || !r.wantKeyframe.Load() {
		return false
	}
	ready := true
	for _, s := range readers {
		ready = s.hold(r, f.Time) && ready
	}
	return ready && r.wantKeyframe.CompareAndSwap(true, false)
}

func (r *rendition) publish(au *AccessUnit, now time.Time) {
	r.mu.Lock()
	switch {
	case au.Keyframe:
		r.run, r.keyframeAt = []*AccessUnit{au}, now
		r.wantKeyframe.Store(false) // who asked while it was encoded gets it, too
	case len(r.run) == 0 || len(r.run) == queueLength:
		r.run = nil // more than a new reader's queue takes
	default:
		r.run = append(r.run, au)
	}
	r.note(au)
	readers := r.readers
	r.mu.Unlock()
	for _, s := range readers {
		s.deliver(r, au)
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
