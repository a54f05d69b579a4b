package signal

import (
	"context"
	"errors"
	"time"
)

// serve is the call's loop. It returns when the call is over, with a reason if
// there is one that the viewer does not know.
func (c *call) serve(opened <-chan opening) *Error {
	limits := c.conversation.limits
	watch := stateWatch{states: c.conversation.exchange.states, pause: limits.State}
	c.report(&watch)

	// Nil until there is a session.
	var done <-chan struct{}
	var ticks <-chan time.Time
	for {
		select {
		case <-c.over:
			return nil
		case o := <-opened:
			if failure := c.offer(o); failure != nil {
				return failure
			}
			opened = nil
			done = c.session.Done()
			ticks = time.Tick(limits.Stats)
		case <-done:
			return Errorf(Gone, "the connection to this viewer has ended")
		case m := <-c.inbox:
			if reason := c.take(m); reason != nil {
				return reason
			}
		case <-watch.changed:
			c.report(&watch)
		case <-watch.rested:
			c.report(&watch)
		case <-ticks:
			c.send(Report{ID: c.viewer.ID, Stats: c.session.Stats()})
		}
	}
}

// offer sends the offer, or returns why there is none.
func (c *call) offer(o opening) *Error {
	c.session = o.session
	if o.err != nil {
		return c.failure(o.err)
	}
	c.send(Offer{ID: c.viewer.ID, SDP: o.sdp})
	return nil
}

// failure is what the viewer is told when there is no offer.
func (c *call) failure(err error) *Error {
	var told *Error
	if errors.As(err, &told) {
		return told
	}
	c.conversation.exchange.log.Warn("viewer not served", "id", c.viewer.ID, "remote", c.viewer.RemoteAddr, "err", err)
	if errors.Is(err, context.DeadlineExceeded) {
		return Errorf(Internal, "no offer within %v", c.conversation.limits.Open)
	}
	return Errorf(Internal, "the server could not start sending: its log says why")
}

// take acts on a message of the viewer's. It returns the reason why that ends
// the call, if it does.
func (c *call) take(m Message) *Error {
	switch m := m.(type) {
	case Answer:
		return c.answer(m.SDP)
	case Trickle:
		c.add(m.Candidate)
	}
	return nil
}

func (c *call) answer(sdp string) *Error {
	switch {
	case c.session == nil:
		c.tell(Errorf(BadMessage, "answer: there is no offer yet"))
		return nil
	case c.answered:
		c.tell(Errorf(BadMessage, "answer: the offer is answered already"))
		return nil
	}
	err := c.session.Answer(sdp)
	if err == nil {
		c.answered = true
		return nil
	}
	refusal := refusalOf(err)
	if refusal.Code == NoCodec {
		return refusal
	}
	// The offer stands, and may be answered better.
	c.tell(refusal)
	return nil
}

// add passes on a candidate of the viewer's. One that comes before our offer
// belongs to a session that is no more.
func (c *call) add(candidate Candidate) {
	if c.session == nil {
		return
	}
	if c.candidates++; c.candidates > c.conversation.limits.Candidates {
		c.tell(Errorf(TooMany, "more than %d candidates for one session", c.conversation.limits.Candidates))
		return
	}
	if err := c.session.AddCandidate(candidate); err != nil {
		c.tell(refusalOf(err))
	}
}

// report sends the camera's state, if the viewer does not know it.
func (c *call) report(w *stateWatch) {
	if state, changed := w.look(); changed {
		c.send(State{ID: c.viewer.ID, Camera: state})
	}
}

func (c *call) send(m Message) { c.conversation.out.Send(m) }

func (c *call) tell(e *Error) { c.conversation.tell(e.For(c.viewer.ID)) }
