package capture

import "slices"

// SetLayered says whether this reader leaves out pictures of upper layers, or is
// about to. Pictures go into layers while one reader of the rendition does, if
// the encoder can at all, and not otherwise: it costs all readers quality.
func (s *Subscription) SetLayered(layered bool) { s.layered.Store(layered) }

// layered reports whether a reader wants layers.
func (r *rendition) layered() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.ContainsFunc(r.readers, func(s *Subscription) bool { return s.layered.Load() })
}
