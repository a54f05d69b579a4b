package capture

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// ErrLost is wrapped by Snapshot when the camera cannot be opened, or failed.
var ErrLost = errors.New("camera lost")

// ErrCoded is wrapped by Snapshot when the camera encodes by itself.
var ErrCoded = errors.New("the camera sends encoded video, which is not decoded here")

// snapshots are the calls of Snapshot that wait, and what they need; guarded by
// Source.mu. Each channel holds one Frame, and is closed when the Source ends.
type snapshots map[chan *Frame]Parts

// freshness is how old a picture may be that Snapshot need not wait for.
const freshness = 100 * time.Millisecond

// Snapshot returns a picture of now, with one reference, the caller's: the last
// one, if it is not older than a tenth of a second, or the next. Like a
// Subscription it opens the camera, which stays open for Linger after it; of one
// that was just opened it skips the pictures before its brightness has settled,
// for at most two seconds. Calls at the same time get the same Frame. It has what
// is needed, as far as the camera gives that.
//
// It fails with an error that wraps ErrLost and says why, with ErrCoded,
// ErrClosed, or the error of ctx; without a limit in ctx it may wait for as long
// as a camera takes to open. Slates are no pictures here.
func (s *Source) Snapshot(ctx context.Context, needed Parts) (*Frame, error) {
	frame, err := s.snapshot(ctx, needed)
	if err != nil {
		return nil, fmt.Errorf("snapshot: %w", err)
	}
	return frame, nil
}

func (s *Source) snapshot(ctx context.Context, needed Parts) (*Frame, error) {
	if f := s.glance(needed, time.Now()); f != nil {
		return f, nil
	}
	taken, err := s.await(needed)
	if err != nil {
		return nil, err
	}
	defer s.leave(taken)
	for {
		status, changed := s.Status()
		if status.State == Lost {
			return nil, fmt.Errorf("%w: %s", ErrLost, status.Detail)
		}
		select {
		case f, ok := <-taken:
			if !ok {
				return nil, ErrClosed
			}
			return decoded(f)
		case <-changed:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// glance returns the last picture if it is good enough. That it was wanted keeps
// the camera open like the wait for another.
func (s *Source) glance(needed Parts, now time.Time) *Frame {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.keep(needed, now)
	f := s.newest
	if f == nil || s.ended || !s.exposure.settled || now.Sub(f.Time) > freshness || !f.does(needed) ||
		needed&OwnJPEG != 0 && f.JPEG == nil && s.status.Mode.Format == FormatMJPEG && s.keeper {
		return nil
	}
	s.glanced = true
	s.signal()
	return f.Retain()
}

// decoded passes f on if the camera has not encoded it.
func decoded(f *Frame) (*Frame, error) {
	if f.Coded == nil {
		return f, nil
	}
	defer f.Release()
	return nil, fmt.Errorf("%w (%v): ask the camera for another format", ErrCoded, f.Coded.Codec)
}

// await is the beginning of demand, leave its end.
func (s *Source) await(needed Parts) (chan *Frame, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended {
		return nil, ErrClosed
	}
	taken := make(chan *Frame, 1)
	s.snapshots[taken] = needed
	s.signal()
	return taken, nil
}

func (s *Source) leave(taken chan *Frame) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.snapshots, taken)
	s.signal()
	select {
	case f, ok := <-taken:
		if ok {
			f.Release() // came too late
		}
	default:
	}
}

// expectExposure is for a camera that was just opened.
func (s *Source) expectExposure() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.exposure = exposure{}
}

// expose gives f to the Snapshots that wait, if it is fit. s.mu is held.
func (s *Source) expose(f *Frame, now time.Time) {
	if f.Slate {
		return
	}
	if fit := s.exposure.add(f, now); !fit && f.Coded == nil {
		return
	}
	for taken, needed := range s.snapshots {
		if f.does(needed) {
			taken <- f.Retain()
			delete(s.snapshots, taken)
		}
	}
}

// endSnapshots is for the end of the Source. s.mu is held.
func (s *Source) endSnapshots() {
	for taken := range s.snapshots {
		close(taken)
	}
	s.snapshots = nil
}
