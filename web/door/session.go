package door

import (
	"context"
	"crypto/sha256"
	"errors"
	"time"
)

// How long a session lasts, and how many there can be.
const (
	sessionIdle = 7 * 24 * time.Hour
	maxSessions = 1000

	// SessionLife is the longest; one that nobody uses ends before.
	SessionLife = 30 * 24 * time.Hour
)

// ErrOver is the cause for which a context of Hold ends with its session.
var ErrOver = errors.New("the login has ended")

// sessionID is the hash of a session's id: who reads memory or file cannot use
// it.
type sessionID [sha256.Size]byte

func hashID(id string) sessionID { return sha256.Sum256([]byte(id)) }

// sessions are those who have logged in. Their owner guards them.
type sessions struct {
	of map[sessionID]*session
}

type session struct {
	visitor Visitor
	used    time.Time
	ends    time.Time
	held    map[*hold]struct{} // requests that run; while there are some, it is in use
}

// hold is one request.
type hold struct{ end context.CancelCauseFunc }

func (s *session) over(now time.Time) bool {
	return now.After(s.ends) || len(s.held) == 0 && now.After(s.used.Add(sessionIdle))
}

// add begins a session, for which the one unused longest may have to end.
func (s *sessions) add(v Visitor, now time.Time) (id string) {
	if len(s.of) >= maxSessions {
		s.makeRoom(now)
	}
	id = NewSecret()
	s.of[hashID(id)] = &session{visitor: v, used: now, ends: now.Add(SessionLife)}
	return id
}

func (s *sessions) makeRoom(now time.Time) {
	var oldest sessionID
	var used time.Time
	for id, entry := range s.of {
		if entry.over(now) {
			s.remove(id)
			continue
		}
		if used.IsZero() || entry.used.Before(used) {
			oldest, used = id, entry.used
		}
	}
	if len(s.of) >= maxSessions {
		s.remove(oldest)
	}
}

// use finds a session and makes it last on. nil if there is none.
func (s *sessions) use(id sessionID, now time.Time) *session {
	entry := s.of[id]
	if entry == nil {
		return nil
	}
	if entry.over(now) {
		s.remove(id)
		return nil
	}
	entry.used = now
	return entry
}

// remove ends a session, and what it still does. It reports whether there was
// one.
func (s *sessions) remove(id sessionID) bool {
	entry := s.of[id]
	if entry == nil {
		return false
	}
	delete(s.of, id)
	for h := range entry.held {
		h.end(ErrOver)
	}
	return true
}

// hold makes a request part of the session: the context ends with it. release
// returns it, and has to be called by who guards the sessions.
func (s *session) hold(ctx context.Context) (_ context.Context, release func(now time.Time)) {
	ctx, end := context.WithCancelCause(ctx)
	ctx, stop := context.WithDeadlineCause(ctx, s.ends, ErrOver)
	h := &hold{end}
	if s.held == nil {
		s.held = map[*hold]struct{}{}
	}
	s.held[h] = struct{}{}
	return ctx, func(now time.Time) {
		delete(s.held, h)
		s.used = now
		stop()
		end(nil)
	}
}
