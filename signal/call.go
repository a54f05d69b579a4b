package signal

import (
	"context"
	"sync"
)

// call is one session of one viewer, from pull_start to its end. run is its
// goroutine; post and hangUp may be called from any.
type call struct {
	conversation *Conversation
	viewer       ViewerInfo
	inbox        chan Message // what the viewer sent; never closed
	over         chan struct{}
	overOnce     sync.Once

	// Owned by run's goroutine.
	session    Session // nil until it is open; from then on there is an offer
	answered   bool
	candidates int // the viewer's
}

// opening is what becomes of the attempt to open a session.
type opening struct {
	session Session // nil if it did not come so far
	sdp     string
	err     error
}

func (c *Conversation) newCall(id string) *call {
	viewer := c.who
	viewer.ID = id
	return &call{
		conversation: c,
		viewer:       viewer,
		// Room for all that a session may get, so that only one that hangs
		// can fill it.
		inbox: make(chan Message, c.limits.Candidates+4),
		over:  make(chan struct{}),
	}
}

// post hands the call a message from its viewer.
func (c *call) post(m Message) *Error {
	select {
	case c.inbox <- m:
		return nil
	default:
		return Errorf(TooMany, "%s: too many messages for one session", m.Type())
	}
}

// hangUp makes run return.
func (c *call) hangUp() { c.overOnce.Do(func() { close(c.over) }) }

// run opens the session, sees it through, and closes it. If the session ended
// for a reason that the viewer does not know, it is told.
func (c *call) run() {
	ctx, cancel := context.WithTimeout(context.Background(), c.conversation.limits.Open)
	opened := make(chan opening, 1)
	go func() {
		defer close(opened)
		opened <- c.open(ctx)
	}()

	reason := c.serve(opened)
	if reason != nil { // before Close, which may take its time
		c.conversation.tell(reason.For(c.viewer.ID))
	}
	cancel()
	if c.session == nil { // it may be opening still
		c.session = (<-opened).session
	}
	if c.session != nil {
		if err := c.session.Close(); err != nil {
			c.conversation.exchange.log.Debug("closing a session", "id", c.viewer.ID, "err", err)
		}
	}
}

func (c *call) open(ctx context.Context) (o opening) {
	o.session, o.err = c.conversation.exchange.sessions.Open(ctx, c.viewer)
	if o.err != nil {
		return opening{err: o.err}
	}
	o.sdp, o.err = o.session.Offer(ctx)
	return o
}
