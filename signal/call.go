package signal

import (
	"context"
	"sync"
	"time"
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
	opened     <-chan opening   // nil unless an offer is being made
	ticks      <-chan time.Time // nil unless the viewer watches the stats
	session    Session          // nil until it is open; from then on there is an offer
	choice     string           // of rendition
	answered   bool
	candidates int // the viewer's
}

// opening is what becomes of the attempt to open a session, or to restart it.
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
		inbox:  make(chan Message, c.limits.Candidates+4),
		over:   make(chan struct{}),
		choice: RenditionAuto,
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
	ctx, cancel := context.WithCancel(context.Background())
	c.begin(ctx, c.open)
	reason := c.serve(ctx)
	if reason != nil { // before Close, which may take its time
		c.conversation.tell(reason.For(c.viewer.ID))
	}
	cancel()
	if c.opened != nil {
		if o := <-c.opened; c.session == nil {
			c.session = o.session
		}
	}
	if c.session != nil {
		if err := c.session.Close(); err != nil {
			c.conversation.exchange.log.Debug("closing a session", "id", c.viewer.ID, "err", err)
		}
	}
}

// begin has an offer made, without waiting for it.
func (c *call) begin(ctx context.Context, offer func(context.Context) opening) {
	opened, limit := make(chan opening, 1), c.conversation.limits.Open
	c.opened = opened
	go func() { // run waits for what it sends
		ctx, cancel := context.WithTimeout(ctx, limit)
		defer cancel()
		opened <- offer(ctx)
	}()
}

func (c *call) open(ctx context.Context) (o opening) {
	o.session, o.err = c.conversation.exchange.sessions.Open(ctx, c.viewer)
	if o.err != nil {
		return opening{err: o.err}
	}
	o.sdp, o.err = o.session.Offer(ctx)
	return o
}
