package capture

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
)

// ErrClosed is returned by a Subscription after its Close, or after its Source
// has ended.
var ErrClosed = errors.New("subscription is closed")

// queueLength is how many AccessUnits wait for a Subscription's reader: at 30
// pictures per second about the quarter of a second that a short stall of the
// machine lasts. More would only be latency.
const queueLength = 8

// Subscription is one viewer's place at a Source. While it is open the camera
// is; it gets pictures from the first call of Next or Poll on, so that the
// camera can start while its viewer is still connecting.
//
// One goroutine at a time calls Next or Poll. All other methods are safe from
// any goroutine.
type Subscription struct {
	rendition *rendition
	drops     dropCounters

	// wake holds a token while there may be something for Next.
	wake   chan struct{}
	notify atomic.Pointer[func()] // nil: nobody asked

	mu       sync.Mutex
	started  bool // Next or Poll was called
	awaiting bool // nothing is of use before the next keyframe
	queue    []*AccessUnit
	closed   bool
}

func newSubscription(r *rendition) *Subscription {
	return &Subscription{rendition: r, awaiting: true, wake: make(chan struct{}, 1)}
}

// Codec is what the AccessUnits are encoded in.
func (s *Subscription) Codec() Codec { return s.rendition.codec }

// Drops counts the pictures that this Subscription did not get.
func (s *Subscription) Drops() Drops { return s.drops.snapshot() }

// Next blocks for the next AccessUnit. The first, and the first after a drop,
// is a keyframe. It fails with ErrClosed or the error of ctx.
func (s *Subscription) Next(ctx context.Context) (*AccessUnit, error) {
	for {
		au, first, err := s.take()
		if au != nil || err != nil {
			return au, err
		}
		if first {
			s.rendition.begin(s)
			continue
		}
		select {
		case <-s.wake:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// Poll is Next for a reader that waits for many: it returns nil when there is
// nothing now. Who uses Notify polls until then.
func (s *Subscription) Poll() (*AccessUnit, error) {
	au, first, err := s.take()
	if first && au == nil && err == nil {
		s.rendition.begin(s)
		au, _, err = s.take()
	}
	return au, err
}

// Notify has f called after each delivery and after the end, by who delivers,
// without a lock held: f must not block. It replaces the one before.
func (s *Subscription) Notify(f func()) { s.notify.Store(&f) }

// take pops the oldest AccessUnit. first is true on the first call.
func (s *Subscription) take() (au *AccessUnit, first bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	first, s.started = !s.started, true
	switch {
	case s.closed:
		return nil, false, ErrClosed
	case len(s.queue) > 0:
		au = s.queue[0]
		// Shifting keeps one backing array for good; it is a few words.
		s.queue = s.queue[:copy(s.queue, s.queue[1:])]
	}
	return au, first, nil
}

// RequestKeyframe asks the encoder for a keyframe soon; requests of all
// viewers of a rendition are served by one.
func (s *Subscription) RequestKeyframe() { s.rendition.requestKeyframe() }

// Close gives the place up. A Next that is under way returns ErrClosed.
func (s *Subscription) Close() error {
	if s.end() {
		s.rendition.leave(s)
		s.rendition.source.unsubscribe(s)
	}
	return nil
}

// end marks s closed and reports whether it was open.
func (s *Subscription) end() bool {
	s.mu.Lock()
	was := s.closed
	s.closed, s.queue = true, nil
	s.mu.Unlock()
	s.signal()
	return !was
}

func (s *Subscription) signal() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
	if f := s.notify.Load(); f != nil {
		(*f)()
	}
}

func (s *Subscription) awaits() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.awaiting
}

// deliver queues au, or drops it. It never blocks. No lock may be held.
func (s *Subscription) deliver(au *AccessUnit) {
	s.mu.Lock()
	overflow := s.enqueue(au)
	s.mu.Unlock()
	s.signal()
	if overflow {
		s.RequestKeyframe()
	}
}

// prefill queues what a new reader begins with; it is just about to look.
func (s *Subscription) prefill(run []*AccessUnit) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, au := range run {
		s.enqueue(au)
	}
}

func (s *Subscription) enqueue(au *AccessUnit) (overflow bool) {
	if s.closed {
		return false
	}
	if len(s.queue) == queueLength {
		// What waits is old, and dropping a part of it would break the
		// rest: start over with the next keyframe.
		s.drops.add(DropOverflow, len(s.queue))
		s.queue = s.queue[:0]
		s.awaiting, overflow = true, true
	}
	if s.awaiting && !au.Keyframe {
		s.drops.add(DropAwaiting, 1)
		return overflow
	}
	if s.queue == nil {
		s.queue = make([]*AccessUnit, 0, queueLength)
	}
	s.awaiting = false
	s.queue = append(s.queue, au)
	return false
}
