package signal

// viewer is an id that a conversation speaks for. Its fields are guarded by
// Conversation.mu.
type viewer struct {
	seq   uint64 // order of announcement
	call  *call  // nil when it is only announced
	again bool   // another call follows this one
}

// announce makes id the conversation's.
func (c *Conversation) announce(id string) *Error {
	c.mu.Lock()
	defer c.mu.Unlock()
	_, refusal := c.claim(id)
	return refusal
}

// start begins a call to the viewer, after the one under way if there is one.
// An id that was never announced is taken as announced.
func (c *Conversation) start(id string) *Error {
	c.mu.Lock()
	defer c.mu.Unlock()
	v, refusal := c.claim(id)
	switch {
	case refusal != nil:
		return refusal
	case v.call != nil:
		v.again = true
		v.call.hangUp()
		return nil
	}
	v.call = c.newCall(id)
	go c.serve(id, v, v.call)
	return nil
}

// serve runs the calls to one viewer, one after the other. Conversation.Close
// waits for it.
func (c *Conversation) serve(id string, v *viewer, call *call) {
	for call != nil {
		call.run()
		call = c.next(id, v)
	}
}

// next is the call that follows the one that has ended, nil if the viewer is
// done with.
func (c *Conversation) next(id string, v *viewer) *call {
	c.mu.Lock()
	defer c.mu.Unlock()
	if v.again {
		v.again = false
		v.call = c.newCall(id)
		return v.call
	}
	c.release(id)
	c.settle()
	return nil
}

// hangUp ends the call to a viewer and gives up its id, once the call is over.
func (c *Conversation) hangUp(id string) *Error {
	c.mu.Lock()
	defer c.mu.Unlock()
	v, refusal := c.find(id)
	if v != nil { // else it has ended by itself, as it happens
		c.leave(id, v)
	}
	return refusal
}

// close hangs up all calls and returns the ids that the conversation had, the
// first time.
func (c *Conversation) close() (ids []string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return nil
	}
	for id, v := range c.viewers {
		ids = append(ids, id)
		c.leave(id, v)
	}
	c.closed = true
	c.settle()
	return ids
}

// leave gives up an id: at once, or when the call that is under way is over.
// c.mu is held.
func (c *Conversation) leave(id string, v *viewer) {
	if v.call == nil {
		c.release(id)
		return
	}
	v.again = false
	v.call.hangUp()
}

// settle closes drained when it is time. c.mu is held.
func (c *Conversation) settle() {
	if c.closed && len(c.viewers) == 0 {
		close(c.drained)
	}
}

// callOf is the call to a viewer of this conversation, nil if there is none.
func (c *Conversation) callOf(id string) (*call, *Error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	v, refusal := c.find(id)
	if v == nil {
		return nil, refusal
	}
	return v.call, nil
}

// find is this conversation's viewer with that id, nil if there is none; it is
// refused if another conversation has it. c.mu is held.
func (c *Conversation) find(id string) (*viewer, *Error) {
	v := c.viewers[id]
	if v == nil && c.exchange.taken(id) {
		return nil, errNotYours()
	}
	return v, nil
}

// claim is the viewer with this id, which becomes the conversation's if it is
// nobody's. c.mu is held.
func (c *Conversation) claim(id string) (*viewer, *Error) {
	if c.closed {
		return nil, Errorf(Gone, "the connection is being closed")
	}
	if v := c.viewers[id]; v != nil {
		return v, nil
	}
	if !c.exchange.claim(id) {
		return nil, errNotYours()
	}
	if !c.makeRoom() {
		c.exchange.release(id)
		return nil, Errorf(TooMany, "more than %d viewers on one connection", c.limits.IDs)
	}
	c.seq++
	v := &viewer{seq: c.seq}
	c.viewers[id] = v
	return v, nil
}

// makeRoom tells whether another id may be claimed. If it takes that, the
// oldest that was announced but never started is given up: behind a relay
// nobody says when such a viewer has left. c.mu is held.
func (c *Conversation) makeRoom() bool {
	if len(c.viewers) < c.limits.IDs {
		return true
	}
	var oldest string
	var seq uint64
	for id, v := range c.viewers {
		if v.call == nil && (seq == 0 || v.seq < seq) {
			oldest, seq = id, v.seq
		}
	}
	if seq == 0 {
		return false
	}
	c.release(oldest)
	return true
}

// release gives up an id. c.mu is held.
func (c *Conversation) release(id string) {
	delete(c.viewers, id)
	c.exchange.release(id)
}

func errNotYours() *Error {
	return Errorf(NotYours, "the id belongs to another connection: choose another")
}
