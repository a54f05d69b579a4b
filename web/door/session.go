package door

import (
	"crypto/sha256"
	"time"
)

// How long a session lasts, and how many there can be.
const (
	sessionIdle = 7 * 24 * time.Hour
	maxSessions = 1000

	// SessionLife is the longest; one that nobody uses ends before.
	SessionLife = 30 * 24 * time.Hour
)

// sessions are those who have logged in, by the hash of their session's id: who
// reads this memory cannot use it. Its owner guards it.
type sessions struct {
	of map[[sha256.Size]byte]session
}

type session struct {
	visitor Visitor
	used    time.Time
	ends    time.Time
}

func (s *session) over(now time.Time) bool {
	return now.After(s.ends) || now.After(s.used.Add(sessionIdle))
}

// add begins a session, for which the one unused longest may have to end.
func (s *sessions) add(v Visitor, now time.Time) (id string) {
	if len(s.of) >= maxSessions {
		s.makeRoom(now)
	}
	id = NewSecret()
	s.of[sha256.Sum256([]byte(id))] = session{visitor: v, used: now, ends: now.Add(SessionLife)}
	return id
}

func (s *sessions) makeRoom(now time.Time) {
	var oldest [sha256.Size]byte
	var used time.Time
	for key, entry := range s.of {
		if entry.over(now) {
			delete(s.of, key)
			continue
		}
		if used.IsZero() || entry.used.Before(used) {
			oldest, used = key, entry.used
		}
	}
	if len(s.of) >= maxSessions {
		delete(s.of, oldest)
	}
}

// use finds a session and makes it last on.
func (s *sessions) use(id string, now time.Time) (Visitor, bool) {
	key := sha256.Sum256([]byte(id))
	entry, ok := s.of[key]
	switch {
	case !ok:
		return Visitor{}, false
	case entry.over(now):
		delete(s.of, key)
		return Visitor{}, false
	}
	entry.used = now
	s.of[key] = entry
	return entry.visitor, true
}

func (s *sessions) remove(id string) { delete(s.of, sha256.Sum256([]byte(id))) }
