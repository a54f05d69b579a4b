package capture

// passes reports whether f, of a camera that may leave pictures out by itself,
// is to be encoded.
func (t *Thinning) passes(f *Frame, every int) bool {
	t.Thin(every)
	t.omitted += f.Omitted
	if t.Omits(f.Time) {
		return false
	}
	t.Pass(f.Time)
	return true
}

// passes reports whether the rendition encodes f, and counts what it leaves
// out. What the camera encoded is never left out: the pictures after it need it.
// Nor are Slates, which are few.
func (r *rendition) passes(f *Frame) bool {
	if f.Coded != nil || f.Slate {
		return true
	}
	r.meter.saw(f, r.rung)
	passes, omitted := r.gate.passes(f, r.thrift.effort().every()), f.Omitted
	if !passes {
		omitted++
	}
	r.source.stats.drops.add(DropSpared, omitted)
	return passes
}

// thinLocked is each so many-th of pictures like f is enough for all renditions.
func (s *Source) thinLocked(f *Frame) int {
	thin := 0
	for _, r := range s.renditions {
		if every := r.thrift.effort().every(); thin == 0 || thin == every {
			thin = every
		} else {
			return 1 // any two have next to no pictures in common
		}
	}
	if f.Coded != nil {
		return 1
	}
	return max(thin, 1)
}

// thinning returns what makes the reader, if it is able to, leave out what every
// rendition would. The goroutine that reads calls it between two Reads.
func (s *Source) thinning(reader FrameReader) func() {
	thinner, ok := reader.(Thinner)
	s.mu.Lock()
	s.thinner, s.thin = ok, 1
	s.mu.Unlock()
	now := 1
	return func() {
		s.mu.Lock()
		every := s.thin
		s.mu.Unlock()
		if ok && every != now {
			thinner.Thin(every)
			now = every
		}
	}
}
