package peer

import (
	"sync/atomic"

	"github.com/pushcam/pushcam/capture"
)

// limit is the best rung that a viewer is to get, and whether that is new. Any
// goroutine may set it; the shard takes it.
type limit struct {
	best    atomic.Uint32
	changed atomic.Bool
}

func (l *limit) set(best capture.Rung) {
	l.best.Store(uint32(best))
	l.changed.Store(true)
}

func (l *limit) rung() capture.Rung { return capture.Rung(l.best.Load()) }

// take returns the rung, and whether it was set since take was called last.
func (l *limit) take() (best capture.Rung, changed bool) {
	changed = l.changed.Swap(false)
	return l.rung(), changed
}

// Limit has the viewer get pictures of this Rung at best, from the next keyframe
// on; Full is no limit. What its path does not carry it still does not get: then
// it gets less, as without a limit. But what was tried in vain before is tried
// again at once: who says what he wants does not want to wait for it.
func (s *Session) Limit(best capture.Rung) { s.limit.set(best) }

// Sizes is how large the pictures are that Limit chooses between, by Rung; none
// before the camera's first.
func (s *Session) Sizes() []capture.Size {
	v := s.current()
	if v == nil {
		return nil
	}
	return s.hub.cfg.Source.Sizes(v.codec)
}
