package capture

import "time"

// Prepare says that reading begins soon. Unless there is a keyframe to begin
// with one is encoded now, and what follows it, for as long as a reader can
// begin with it: so that a viewer that has connected need not wait for one. To
// say so twice is to say it once.
func (s *Subscription) Prepare() {
	s.mu.Lock()
	r, early := s.rendition, !s.closed && !s.started
	s.mu.Unlock()
	if early {
		r.prepare(time.Now())
	}
}

func (r *rendition) prepare(now time.Time) {
	r.mu.Lock()
	fresh := len(r.run) > 0 && now.Sub(r.keyframeAt) < keyframeInterval
	if !fresh && !now.Before(r.prepared) {
		r.requestKeyframe()
		r.prepared = now.Add(keyframeInterval)
	}
	r.mu.Unlock()
	select {
	case r.begun <- struct{}{}:
	default:
	}
}
