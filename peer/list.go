package peer

import (
	"slices"
	"time"
)

// Sessions lists those that there are, the one opened first at the beginning.
func (h *Hub) Sessions() []*Session {
	h.mu.Lock()
	all := make([]*Session, 0, len(h.sessions))
	for s := range h.sessions {
		all = append(all, s)
	}
	h.mu.Unlock()
	slices.SortFunc(all, func(a, b *Session) int { return a.opened.Compare(b.opened) })
	return all
}

// Viewer is whom the Session is for.
func (s *Session) Viewer() Viewer { return s.viewer }

// Opened is when it began.
func (s *Session) Opened() time.Time { return s.opened }
