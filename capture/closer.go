package capture

import "sync/atomic"

// Closer is how a FrameReader closes: once, and not before the Read that is under
// way. NewCloser makes it; any goroutine may use it. It waits on channels only:
// synctest's clock stands still for who waits on a mutex.
type Closer struct {
	once    atomic.Bool
	begun   chan struct{} // closed when the first Close begins
	ended   chan struct{} // closed when the first Close ends
	reading chan struct{} // holds one token while a Read is under way
}

// NewCloser is for a FrameReader that was just opened.
func NewCloser() *Closer {
	return &Closer{begun: make(chan struct{}), ended: make(chan struct{}), reading: make(chan struct{}, 1)}
}

// StartRead and EndRead stand around each Read.
func (c *Closer) StartRead() { c.reading <- struct{}{} }

// EndRead is the other one.
func (c *Closer) EndRead() { <-c.reading }

// Begun is closed when Close begins: who reads waits for it, too.
func (c *Closer) Begun() <-chan struct{} { return c.begun }

// HasBegun reports whether Close was called.
func (c *Closer) HasBegun() bool {
	select {
	case <-c.begun:
		return true
	default:
		return false
	}
}

// Once is what a Close does: the first calls end and returns its error, every
// other one waits until that is done. end makes a Read return that waits for
// anything but Begun, calls AwaitRead, and gives back what the Read used.
func (c *Closer) Once(end func() error) error {
	if c.once.Swap(true) {
		<-c.ended
		return nil
	}
	defer close(c.ended)
	close(c.begun)
	return end()
}

// AwaitRead waits for a Read that is under way.
func (c *Closer) AwaitRead() {
	c.StartRead()
	c.EndRead()
}
