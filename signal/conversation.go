package signal

import (
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"
)

// Conversation is what is said on one connection, and owns the viewers that
// it speaks for. Receive and Reject are called by one goroutine, the
// connection's reader, and never wait for a session; Close by any.
type Conversation struct {
	exchange *Exchange
	out      Outlet
	who      ViewerInfo
	limits   Limits

	rate    *rate.Limiter
	strikes *rate.Limiter
	struck  atomic.Bool // a bad message came when strikes were used up

	drained chan struct{} // closed once closed is set and no viewer is left

	mu      sync.Mutex
	viewers map[string]*viewer // by id
	seq     uint64             // of the latest viewer
	closed  bool
}

// Receive acts on a message from the other end, which is told about whatever
// is wrong with it. An error, always an *Error, means that the connection has
// misbehaved for too long and has to be closed.
func (c *Conversation) Receive(m Message) error {
	id := IDOf(m)
	if !c.rate.Allow() {
		return c.Reject(Errorf(TooMany, "more than %g messages a second", c.limits.Rate).For(id))
	}
	if refusal := c.act(m); refusal != nil {
		return c.Reject(refusal.For(id))
	}
	return c.verdict()
}

func (c *Conversation) act(m Message) *Error {
	switch m := m.(type) {
	case PullInit:
		return c.announce(m.ID)
	case PullStart:
		return c.start(m.ID)
	case Answer:
		return c.deliver(m.ID, m)
	case Trickle:
		if m.Candidate.Candidate == "" {
			return nil // we need not know when a viewer has no more
		}
		return c.deliver(m.ID, m)
	case Quality:
		return c.deliver(m.ID, m)
	case Restart:
		return c.deliver(m.ID, m)
	case Watch:
		return c.deliver(m.ID, m)
	case Bye:
		return c.hangUp(m.ID)
	case PushInit:
		return Errorf(BadMessage, "push_init: this server is the pusher itself")
	}
	return Errorf(BadMessage, "%s: not for a viewer to send", m.Type())
}

// Reject tells the other end what was wrong with a message that could not be
// read. Its error is Receive's.
func (c *Conversation) Reject(e *Error) error {
	c.tell(e)
	return c.verdict()
}

// tell sends e, unless it is one bad message too many. Any goroutine may call
// it.
func (c *Conversation) tell(e *Error) {
	if e.Code.strike() && !c.strikes.Allow() {
		c.struck.Store(true)
		return
	}
	c.out.Send(e)
}

func (c *Conversation) verdict() error {
	if c.struck.Load() && !c.limits.Forgiving {
		return Errorf(TooMany, "too many bad messages")
	}
	return nil
}

// deliver passes a message on to the call of a viewer.
func (c *Conversation) deliver(id string, m Message) *Error {
	call, refusal := c.callOf(id)
	switch {
	case refusal != nil:
		return refusal
	case call != nil:
		return call.post(m)
	case m.Type() == TypeCandidate:
		return nil // a late one: the viewer does not know yet that it is over
	}
	return Errorf(Gone, "nothing is being sent to this id: send pull_start")
}

// HangUp ends the conversation and its sessions, all at once, without waiting
// for them. With a reason the viewers are told it. Only the first call counts.
func (c *Conversation) HangUp(reason *Error) {
	for _, id := range c.close() {
		if reason != nil {
			c.out.Send(reason.For(id))
		}
	}
}

// Close hangs up and waits for the sessions to end, but not longer than
// Limits.Close: an error says how many are left. It may be called twice.
func (c *Conversation) Close(reason *Error) error {
	c.HangUp(reason)
	timeout := time.NewTimer(c.limits.Close)
	defer timeout.Stop()
	select {
	case <-c.drained:
		return nil
	case <-timeout.C:
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.viewers) == 0 {
		return nil
	}
	return fmt.Errorf("close conversation: %d sessions still open after %v", len(c.viewers), c.limits.Close)
}
