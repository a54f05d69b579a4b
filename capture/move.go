package capture

import "time"

// move is a change of rung under way: the Subscription is a reader of two
// renditions, and gets the old one's pictures until the new one has a keyframe
// that comes after all of them.
//
//	new rung   ·  ·  ·  K  P  P
//	old rung   P  P  P  p  p           p: not for this viewer any more
//	viewer     P  P  P  K  P  P
//
// The old rung's picture of the same moment may be there before that keyframe,
// as its encoder may be faster. So from when the keyframe is about to be encoded
// on the old rung's pictures are held back; what of them was taken before the
// keyframe goes out before it. Subscription.mu guards a move.
type move struct {
	to      *rendition // nil: there is none
	holding bool
	held    []*AccessUnit
}

// mostHeld is how many pictures are held back: a tenth of a second at 30 per
// second, which is a slow encoder that was just opened. After that they go out,
// and another keyframe has to be asked for.
const mostHeld = 3

// Move changes to another Rung, or to the Ladder's last if it does not go down
// that far. It returns at once: the old one's pictures go on until the new one
// has a keyframe, and no picture is missing, or older than the one before. If
// that never comes, as the encoder fails, the Subscription stays where it is.
// A Move back before that cancels, any other one takes its place.
func (s *Subscription) Move(to Rung) {
	joined, left := s.source.move(s, to)
	if left != nil {
		left.leave(s)
	}
	if joined != nil {
		joined.begin(s)
	}
	s.signal() // of what was held back
}

// move exchanges the places. What it returns is still to be told, without a
// lock held.
func (s *Source) move(sub *Subscription, to Rung) (joined, left *rendition) {
	s.mu.Lock()
	defer s.mu.Unlock()
	sub.mu.Lock()
	defer sub.mu.Unlock()
	if s.ended || sub.closed {
		return nil, nil
	}
	to = min(to, s.lowestLocked())
	key := renditionKey{sub.codec, to}
	switch under := sub.move.to; {
	case to == sub.rendition.rung:
		left = under
		sub.cancel()
	case under != nil && to == under.rung:
	case sub.started:
		left = under
		sub.cancel()
		joined = s.placeLocked(key)
		sub.move.to = joined
	default: // nothing was shown yet, so there is nothing to keep
		left = sub.rendition
		sub.rendition = s.placeLocked(key)
	}
	if left != nil {
		s.giveBackLocked(left)
	}
	return joined, left
}

// cancel ends the move and lets what was held back go.
func (s *Subscription) cancel() {
	held := s.move.held
	s.move = move{}
	s.enqueueAll(held)
}

// Rung is of the pictures that the Subscription gets now, even if a Move is
// under way.
func (s *Subscription) Rung() Rung { return s.at().rung }

func (s *Subscription) at() *rendition {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.rendition
}

// lowestRung is where it is, or where it is about to go.
func (s *Subscription) lowestRung() Rung {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.move.to != nil {
		return max(s.rendition.rung, s.move.to.rung)
	}
	return s.rendition.rung
}

// wants reports whether s is a reader of r.
func (s *Subscription) wants(r *rendition) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.wantsLocked(r)
}

func (s *Subscription) wantsLocked(r *rendition) bool {
	return !s.closed && (r == s.move.to || r == s.rendition && s.started)
}

// hold is called before a keyframe of r is encoded, of a Frame of this time. If
// s waits for it, other pictures are held back from now on. It reports whether
// the keyframe is of use to s: not when a later picture was shown already.
func (s *Subscription) hold(r *rendition, at time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.move.to != r || s.closed {
		return true
	}
	s.move.holding = true
	return at.After(s.newest)
}

// unhold lets what was held back go, as no keyframe of r will come soon.
func (s *Subscription) unhold(r *rendition) {
	s.mu.Lock()
	if s.move.to == r && s.move.holding {
		s.release()
	}
	s.mu.Unlock()
	s.signal()
}

func (s *Subscription) release() {
	held := s.move.held
	s.move.holding, s.move.held = false, nil
	s.enqueueAll(held)
}

// cross takes a picture of the rendition that s moves to. With the keyframe that
// it waits for s goes over; then it returns the rendition that s is to leave.
func (s *Subscription) cross(au *AccessUnit) (left *rendition) {
	switch {
	case !au.Keyframe:
		return nil
	case !au.Time.After(s.newest):
		s.release()
		s.move.to.requestKeyframe()
		return nil
	}
	var before []*AccessUnit
	for _, old := range s.move.held {
		if old.Time.Before(au.Time) {
			before = append(before, old)
		}
	}
	left = s.rendition
	s.rendition, s.move = s.move.to, move{}
	s.enqueueAll(append(before, au))
	return left
}
