package capture

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"
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
	source  *Source
	codec   Codec
	drops   dropCounters
	target  atomic.Int64 // see SetTarget
	layered atomic.Bool  // see SetLayered

	// wake holds a token while there may be something for Next.
	wake   chan struct{}
	notify atomic.Pointer[func()] // nil: nobody asked

	mu        sync.Mutex
	rendition *rendition // whose pictures it gets
	move      move
	started   bool // Next or Poll was called
	awaiting  bool // nothing is of use before the next keyframe
	queue     []*AccessUnit
	newest    time.Time // of what was queued
	closed    bool
}

func newSubscription(r *rendition) *Subscription {
	return &Subscription{source: r.source, codec: r.codec, rendition: r, awaiting: true, wake: make(chan struct{}, 1)}
}

// Codec is what the AccessUnits are encoded in.
func (s *Subscription) Codec() Codec { return s.codec }

// SetTarget says which bitrate this viewer's path carries; 0 is for not known,
// and any. A rendition's bitrate is the least of its readers' targets, within
// its Band.
func (s *Subscription) SetTarget(target Bitrate) {
	if s.target.Swap(int64(target)) == int64(target) {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rendition.retarget.Store(true)
	if s.move.to != nil {
		s.move.to.retarget.Store(true)
	}
}

// Drops counts the pictures that this Subscription did not get.
func (s *Subscription) Drops() Drops { return s.drops.snapshot() }

// Next blocks for the next AccessUnit. The first, and the first after a drop,
// is a keyframe. It fails with ErrClosed or the error of ctx.
func (s *Subscription) Next(ctx context.Context) (*AccessUnit, error) {
	for {
		au, err := s.Poll()
		if au != nil || err != nil {
			return au, err
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
	au, begin, err := s.take()
	if begin != nil {
		begin.begin(s)
		au, _, err = s.take()
	}
	return au, err
}

// Notify has f called after each delivery and after the end, by who delivers,
// without a lock held: f must not block. It replaces the one before.
func (s *Subscription) Notify(f func()) { s.notify.Store(&f) }

// take pops the oldest AccessUnit. The first call returns whose reader s is to
// become.
func (s *Subscription) take() (au *AccessUnit, begin *rendition, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.closed:
		return nil, nil, ErrClosed
	case !s.started:
		s.started = true
		return nil, s.rendition, nil
	case len(s.queue) > 0:
		au = s.queue[0]
		// Shifting keeps one backing array for good; it is a few words.
		s.queue = s.queue[:copy(s.queue, s.queue[1:])]
	}
	return au, nil, nil
}

// RequestKeyframe asks the encoder for a keyframe soon; requests of all
// viewers of a rendition are served by one.
func (s *Subscription) RequestKeyframe() { s.at().requestKeyframe() }

// Close gives the place up. A Next that is under way returns ErrClosed.
func (s *Subscription) Close() error {
	if places := s.end(); len(places) > 0 {
		for _, r := range places {
			r.leave(s)
		}
		s.source.unsubscribe(s, places...)
	}
	return nil
}

// end marks s closed and returns the places that it had, none if it was closed.
func (s *Subscription) end() (places []*rendition) {
	s.mu.Lock()
	if !s.closed {
		places = append(places, s.rendition)
		if s.move.to != nil {
			places = append(places, s.move.to)
		}
	}
	s.closed, s.queue, s.move = true, nil, move{}
	s.mu.Unlock()
	s.signal()
	return places
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

// deliver queues au, a picture of r, or drops it. It never blocks. No lock may
// be held.
func (s *Subscription) deliver(r *rendition, au *AccessUnit) {
	s.mu.Lock()
	left := s.accept(r, au)
	s.mu.Unlock()
	if left != nil {
		left.lose(s)
	}
	s.signal()
}

// prefill queues what a new reader of r begins with, as the newest pictures of
// it, if that is later than what s had. It reports whether it was, and whether s
// still wants to be a reader; left is like that of accept. s is about to look.
func (s *Subscription) prefill(r *rendition, run []*AccessUnit) (began bool, left *rendition, wanted bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.wantsLocked(r) {
		return false, nil, false
	}
	if len(run) == 0 || !run[0].Time.After(s.newest) {
		return false, nil, true
	}
	for _, au := range run {
		if l := s.accept(r, au); l != nil {
			left = l
		}
	}
	return true, left, true
}

// accept returns the rendition that s is to leave with this picture, if any.
func (s *Subscription) accept(r *rendition, au *AccessUnit) (left *rendition) {
	switch {
	case !s.wantsLocked(r):
	case r == s.move.to:
		return s.cross(au)
	case s.move.holding && len(s.move.held) < mostHeld:
		s.move.held = append(s.move.held, au)
	default:
		s.release()
		s.enqueue(au)
	}
	return nil
}

func (s *Subscription) enqueueAll(all []*AccessUnit) {
	for _, au := range all {
		s.enqueue(au)
	}
}

// enqueue queues au, unless it is of no use. s.mu is held.
func (s *Subscription) enqueue(au *AccessUnit) {
	if len(s.queue) == queueLength {
		// What waits is old, and dropping a part of it would break the
		// rest: start over with the next keyframe.
		s.drops.add(DropOverflow, len(s.queue))
		s.queue = s.queue[:0]
		s.awaiting = true
		if !au.Keyframe {
			s.rendition.requestKeyframe()
		}
	}
	if s.awaiting && !au.Keyframe {
		s.drops.add(DropAwaiting, 1)
		return
	}
	if s.queue == nil {
		s.queue = make([]*AccessUnit, 0, queueLength)
	}
	s.awaiting = false
	s.queue = append(s.queue, au)
	s.newest = au.Time
}
