package capture

// Status is what a person wants to know of a Source.
type Status struct {
	State  State
	Camera string // its name
	Mode   Mode   // what the camera delivers; zero unless Live
	// Detail says in words what is wrong, or while Live less than was asked
	// for; "" when all is well.
	Detail string
	// Trouble: viewers get no pictures though the camera is Live, and Detail
	// says what they wait for.
	Trouble bool
}

// Status returns the current one and a channel that is closed when the next
// one is there.
func (s *Source) Status() (Status, <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.statusLocked(), s.changed
}

func (s *Source) statusLocked() Status {
	status := s.status
	for _, r := range s.inUseLocked() {
		// Who waits to go over to a rendition still has other pictures.
		if status.Detail == "" && r.trouble != "" && r.shown() {
			status.Detail, status.Trouble = r.trouble, true
		}
	}
	if status.Detail == "" && status.State == Live {
		status.Detail = s.sparedLocked()
	}
	return status
}

// setStatus records the camera's new state.
func (s *Source) setStatus(state State, mode Mode, detail string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.status.State == state && s.status.Mode == mode && s.status.Detail == detail {
		return
	}
	// The name can become better known with the first opening.
	s.status = Status{State: state, Camera: s.cfg.Camera.Name(), Mode: mode, Detail: detail}
	s.publishStatus()
}

// setTrouble records in words why viewers of a rendition get no pictures, ""
// when they do, and reports whether that is new.
func (s *Source) setTrouble(r *rendition, trouble string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r.trouble == trouble {
		return false
	}
	r.trouble = trouble
	s.publishStatus()
	return true
}

// tellTrouble is for a new reader of a rendition that was in trouble before
// anybody read it.
func (s *Source) tellTrouble(r *rendition) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r.trouble != "" {
		s.publishStatus()
	}
}

func (s *Source) publishStatus() {
	close(s.changed)
	s.changed = make(chan struct{})
}
