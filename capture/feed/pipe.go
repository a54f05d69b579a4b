//go:build unix

package feed

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pushcam/pushcam/capture"
)

// recognizeLimit is how long Open waits for a feed that has just begun to show
// what it is.
const recognizeLimit = 2 * time.Second

var errNothing = errors.New("nothing comes")

// pipe is a feed that does not begin with Open nor end with Close: whoever
// writes into it is there before and after. While run runs it is read, and what
// nobody looks at is dropped.
type pipe struct {
	kit
	name   string
	reader atomic.Pointer[live] // nil while nobody looks

	mu      sync.Mutex
	mode    *capture.Mode // nil while there is nothing to look at
	trouble error         // why; nil before that is known
	changed chan struct{} // closed and replaced when one of these changes
}

func (p *pipe) init(name string, cfg Config) {
	p.name, p.cfg, p.changed = name, cfg, make(chan struct{})
}

// open attaches a reader to what comes.
func (p *pipe) open(ctx context.Context) (capture.FrameReader, error) {
	mode, err := p.await(ctx)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", p.name, err)
	}
	r := newLive(&p.kit, p.name, mode)
	r.end = func() { p.reader.CompareAndSwap(r, nil) }
	p.reader.Store(r)
	// What ended since await was not told to r.
	if _, _, err := p.state(); err != nil {
		r.fail(err)
	}
	return r, nil
}

// await blocks until there is something to look at.
func (p *pipe) await(ctx context.Context) (capture.Mode, error) {
	limit := time.NewTimer(recognizeLimit)
	defer limit.Stop()
	for {
		if err := ctx.Err(); err != nil {
			return capture.Mode{}, err
		}
		mode, changed, err := p.state()
		switch {
		case err != nil:
			return capture.Mode{}, err
		case mode != nil:
			return *mode, nil
		}
		select {
		case <-ctx.Done():
		case <-changed:
		case <-limit.C:
			return capture.Mode{}, errNothing
		}
	}
}

// check reports why there is nothing to look at now.
func (p *pipe) check() error {
	mode, _, err := p.state()
	if mode == nil && err == nil {
		return errNothing
	}
	return err
}

// state returns mode and trouble, and a channel that is closed when one of them
// changes.
func (p *pipe) state() (mode *capture.Mode, changed <-chan struct{}, trouble error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.mode, p.changed, p.trouble
}

// set records that there are pictures, or why there are none; both nil when it
// is not known yet.
func (p *pipe) set(mode *capture.Mode, trouble error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.mode, p.trouble = mode, trouble
	close(p.changed)
	p.changed = make(chan struct{})
}

// flow reads in to its end, or until ctx ends, and returns why it is over. It
// calls begun when there are pictures to look at.
func (p *pipe) flow(ctx context.Context, in *inlet, begun func()) error {
	stop := context.AfterFunc(ctx, in.interrupt)
	defer stop()
	c, err := p.begin(in)
	if err == nil {
		mode := c.mode()
		p.set(&mode, nil)
		begun()
		err = p.pump(c, p.reader.Load)
	}
	if ctx.Err() != nil {
		err = errClosed
	}
	return err
}

// lose says to those who look, and will, why there is nothing.
func (p *pipe) lose(err error) {
	p.set(nil, err)
	if r := p.reader.Load(); r != nil {
		r.fail(err)
	}
}
