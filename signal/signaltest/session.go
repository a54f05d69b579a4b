package signaltest

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/pushcam/pushcam/signal"
)

// Script is how the sessions of a Sessions behave. The zero value does
// everything at once and without error.
type Script struct {
	Open      error           // what Open returns
	Offer     error           // what Offer returns
	OfferWait <-chan struct{} // Offer returns after this, or with its ctx
	Reoffer   error           // what Reoffer returns; it waits as Offer does
	Answer    func(sdp string) error
	Choose    func(rendition string) error
	Candidate func(signal.Candidate) error
	CloseWait <-chan struct{} // Close returns after this
	Stats     signal.Stats
}

// Sessions opens Sessions by script and keeps all of them.
type Sessions struct {
	// Script tells how the next session of a viewer behaves; nil is the zero
	// Script for all. Set it before use.
	Script func(viewer signal.ViewerInfo) Script

	mu  sync.Mutex
	all []*Session
}

var _ signal.Sessions = (*Sessions)(nil)

// Open implements signal.Sessions.
func (s *Sessions) Open(_ context.Context, viewer signal.ViewerInfo) (signal.Session, error) {
	var script Script
	if s.Script != nil {
		script = s.Script(viewer)
	}
	if script.Open != nil {
		return nil, script.Open
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	session := &Session{
		Viewer: viewer,
		script: script,
		number: len(s.all) + 1,
		done:   make(chan struct{}),
	}
	s.all = append(s.all, session)
	return session, nil
}

// All returns every session opened so far, in that order.
func (s *Sessions) All() []*Session {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]*Session(nil), s.all...)
}

// Of returns the latest session of the viewer with this id, nil if it had none.
func (s *Sessions) Of(id string) *Session {
	var latest *Session
	for _, session := range s.All() {
		if session.Viewer.ID == id {
			latest = session
		}
	}
	return latest
}

// OpenCount is how many sessions are not closed yet.
func (s *Sessions) OpenCount() int {
	n := 0
	for _, session := range s.All() {
		if !session.Closed() {
			n++
		}
	}
	return n
}

// Session is a signal.Session by script that records what it is given.
type Session struct {
	Viewer signal.ViewerInfo
	script Script
	number int
	done   chan struct{} // closed by End or Close

	mu         sync.Mutex
	ended      bool
	closed     bool
	restarts   int
	answers    []string
	chosen     []string
	candidates []signal.Candidate
}

var _ signal.Session = (*Session)(nil)

// SDP is the offer that the session has made last: no two of one Sessions are
// alike.
func (s *Session) SDP() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return fmt.Sprintf("offer %d.%d to %s", s.number, s.restarts, s.Viewer.ID)
}

// Offer implements signal.Session.
func (s *Session) Offer(ctx context.Context) (string, error) {
	if err := s.wait(ctx); err != nil {
		return "", err
	}
	return s.SDP(), s.script.Offer
}

func (s *Session) wait(ctx context.Context) error {
	if s.script.OfferWait == nil {
		return nil
	}
	select {
	case <-s.script.OfferWait:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Reoffer implements signal.Session.
func (s *Session) Reoffer(ctx context.Context) (string, error) {
	if err := s.wait(ctx); err != nil {
		return "", err
	}
	if err := s.record(func() { s.restarts++ }); err != nil {
		return "", err
	}
	return s.SDP(), s.script.Reoffer
}

// Choose implements signal.Session.
func (s *Session) Choose(rendition string) error {
	if s.script.Choose != nil {
		if err := s.script.Choose(rendition); err != nil {
			return err
		}
	}
	return s.record(func() { s.chosen = append(s.chosen, rendition) })
}

// Answer implements signal.Session.
func (s *Session) Answer(sdp string) error {
	if s.script.Answer != nil {
		if err := s.script.Answer(sdp); err != nil {
			return err
		}
	}
	return s.record(func() { s.answers = append(s.answers, sdp) })
}

// AddCandidate implements signal.Session.
func (s *Session) AddCandidate(c signal.Candidate) error {
	if s.script.Candidate != nil {
		if err := s.script.Candidate(c); err != nil {
			return err
		}
	}
	return s.record(func() { s.candidates = append(s.candidates, c) })
}

// record does so while the session is open.
func (s *Session) record(add func()) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return errors.New("session is closed")
	}
	add()
	return nil
}

// Stats implements signal.Session.
func (s *Session) Stats() signal.Stats { return s.script.Stats }

// Close implements signal.Session.
func (s *Session) Close() error {
	if s.script.CloseWait != nil {
		<-s.script.CloseWait
	}
	s.End()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	return nil
}

// Done implements signal.Session.
func (s *Session) Done() <-chan struct{} { return s.done }

// End makes the session end by itself, as when its viewer vanishes.
func (s *Session) End() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.ended {
		s.ended = true
		close(s.done)
	}
}

// Closed tells whether Close has returned.
func (s *Session) Closed() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.closed
}

// Answers returns the answers that were applied.
func (s *Session) Answers() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.answers...)
}

// Chosen returns the renditions that were chosen.
func (s *Session) Chosen() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.chosen...)
}

// Candidates returns the candidates that were added.
func (s *Session) Candidates() []signal.Candidate {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]signal.Candidate(nil), s.candidates...)
}
