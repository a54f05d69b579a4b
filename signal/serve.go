package signal

import (
	"context"
	"errors"
	"time"
)

// serve is the call's loop. It returns when the call is over, with a reason if
// there is one that the viewer does not know.
func (c *call) serve(ctx context.Context) *Error {
	watch := stateWatch{states: c.conversation.exchange.states, pause: c.conversation.limits.State}
	c.report(&watch)

	var done <-chan struct{} // nil until there is a session
	for {
		select {
		case <-c.over:
			return nil
		case o := <-c.opened:
			c.opened = nil
			if failure := c.offer(o); failure != nil {
				return failure
			}
			done = c.session.Done()
		case <-done:
			return Errorf(Gone, "the connection to this viewer has ended")
		case m := <-c.inbox:
			if reason := c.take(ctx, m); reason != nil {
				return reason
			}
		case <-watch.changed:
			c.report(&watch)
		case <-watch.rested:
			c.report(&watch)
		case <-c.ticks:
			c.tellStats()
		}
	}
}

// offer sends the offer, or returns why there is none.
func (c *call) offer(o opening) *Error {
	first := c.session == nil
	c.session = o.session
	if o.err != nil {
		return c.failure(o.err)
	}
	if chosen := c.choice; first && chosen != RenditionAuto {
		c.choice = RenditionAuto // unless it can be had
		c.choose(chosen)
	}
	c.send(Offer{ID: c.viewer.ID, SDP: o.sdp})
	return nil
}

// restart has the offer made anew.
func (c *call) restart(ctx context.Context) {
	if !c.answered {
		c.tell(Errorf(BadMessage, "restart: no offer is answered"))
		return
	}
	c.answered, c.candidates = false, 0
	session := c.session
	c.begin(ctx, func(ctx context.Context) opening {
		sdp, err := session.Reoffer(ctx)
		return opening{session: session, sdp: sdp, err: err}
	})
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
func (c *call) take(ctx context.Context, m Message) *Error {
	switch m := m.(type) {
	case Answer:
		return c.answer(m.SDP)
	case Trickle:
		c.add(m.Candidate)
	case Restart:
		c.restart(ctx)
	case Quality:
		c.choose(m.Rendition)
	case Watch:
		c.watch(m.On)
	}
	return nil
}

// choose has the session send what the viewer chose. What was chosen before
// there is a session it is told when there is one.
func (c *call) choose(rendition string) {
	if c.session == nil {
		c.choice = rendition
		return
	}
	if err := c.session.Choose(rendition); err != nil {
		c.tell(refusalOf(err))
		return
	}
	c.choice = rendition
}

// watch begins or ends the stats. To who asks again they are told at once again:
// so a viewer learns the way of the server's clock from its own.
func (c *call) watch(on bool) {
	if !on {
		c.ticks = nil
		return
	}
	if c.ticks == nil {
		c.ticks = time.Tick(c.conversation.limits.Stats)
	}
	c.tellStats()
}

// tellStats sends them, if there is a session to tell of.
func (c *call) tellStats() {
	if c.session == nil {
		return
	}
	stats := c.session.Stats()
	stats.Choice = c.choice
	c.send(Report{ID: c.viewer.ID, Stats: stats})
}

func (c *call) answer(sdp string) *Error {
	switch {
	case c.session == nil || c.opened != nil:
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
	if c.session == nil || c.opened != nil {
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
