package capture

import "fmt"

// Status is what a person wants to know of a Source.
type Status struct {
	State  State
	Camera string // its name
	Mode   Mode   // what the camera delivers; zero unless Live
	// Detail says in words what is wrong, "" when nothing is.
	Detail string
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
	for codec, err := range s.trouble {
		if status.Detail == "" {
			status.Detail = fmt.Sprintf("the %v encoder fails and is tried again: %v", codec, err)
		}
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

// setTrouble records that an encoder fails, or (nil) no longer does.
func (s *Source) setTrouble(codec Codec, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if (s.trouble[codec] == nil) == (err == nil) {
		return
	}
	if err == nil {
		delete(s.trouble, codec)
	} else {
		s.trouble[codec] = err
	}
	s.publishStatus()
}

func (s *Source) publishStatus() {
	close(s.changed)
	s.changed = make(chan struct{})
}
