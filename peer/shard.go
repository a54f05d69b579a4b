package peer

import (
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// roundLength is after how many Sessions a round's packets leave. With 100
// viewers a round of 1, 4, 16 or 64 costs the same by all that can be measured:
// sending a picture's packets costs more than the system call. A longer one only
// holds the first viewer's picture back for the last one's encryption.
const roundLength = 4

// shard is one goroutine that sends for many Sessions: their pictures, what
// they ask for again, and their reports. What belongs to a Session's sending is
// this goroutine's alone, and so needs no lock.
//
// Any goroutine posts a Session that has something to do; it is served in the
// order of posting. Nothing that the shard calls blocks: sockets drop what they
// cannot take.
type shard struct {
	batch Batch
	load  atomic.Int64  // Sessions
	wake  chan struct{} // capacity 1: ready is not empty
	stop  chan struct{} // closed by the Hub, when no Session is left
	done  chan struct{} // closed by run

	mu    sync.Mutex
	ready []*sending

	// run's goroutine:
	members []*sending
	served  []*sending // a list to swap with ready
	ticker  *time.Ticker
}

func newShard(batch Batch) *shard {
	h := &shard{
		batch: batch,
		wake:  make(chan struct{}, 1),
		stop:  make(chan struct{}),
		done:  make(chan struct{}),
	}
	go h.run() // Hub.Close waits for it
	return h
}

// post has v served soon. It never blocks and is safe from any goroutine.
func (h *shard) post(v *sending) {
	if v.posted.Swap(true) {
		return
	}
	h.mu.Lock()
	h.ready = append(h.ready, v)
	h.mu.Unlock()
	select {
	case h.wake <- struct{}{}:
	default:
	}
}

func (h *shard) run() {
	defer close(h.done)
	h.ticker = time.NewTicker(reportInterval)
	h.ticker.Stop() // until there is a member
	defer h.ticker.Stop()
	for {
		select {
		case <-h.wake:
			h.serve()
		case now := <-h.ticker.C:
			h.report(now)
		case <-h.stop:
			return
		}
	}
}

// serve serves those that are ready now. Who becomes so meanwhile is next.
func (h *shard) serve() {
	h.mu.Lock()
	h.ready, h.served = h.served, h.ready
	h.mu.Unlock()
	for round := range slices.Chunk(h.served, roundLength) {
		h.batch.Open()
		now := time.Now()
		for _, v := range round {
			v.posted.Store(false) // before the look, so that no post is lost
			h.serveOne(v, now)
		}
		h.batch.Flush()
		now = time.Now()
		for _, v := range round {
			v.flushed(now)
		}
	}
	clear(h.served)
	h.served = h.served[:0]
}

func (h *shard) serveOne(v *sending, now time.Time) {
	switch {
	case v.hasLeft: // a late post
	case v.ended.Load():
		h.remove(v)
	default:
		if !v.isMember {
			h.add(v, now)
		}
		v.serve(now)
	}
}

func (h *shard) add(v *sending, now time.Time) {
	v.isMember = true
	if h.members = append(h.members, v); len(h.members) == 1 {
		h.ticker.Reset(reportInterval)
	}
	v.report(now)
}

func (h *shard) remove(v *sending) {
	v.isMember, v.hasLeft = false, true
	h.members = slices.DeleteFunc(h.members, func(o *sending) bool { return o == v })
	if len(h.members) == 0 {
		h.ticker.Stop()
	}
	h.load.Add(-1)
	v.release()
}

// report sends the reports of those that have had nothing to send for a while.
// The others' go with their pictures, and so need no wake-up, and are spread.
func (h *shard) report(now time.Time) {
	h.batch.Open()
	for _, v := range h.members {
		if now.Sub(v.reported) > reportInterval*3/2 {
			v.report(now)
		}
	}
	h.batch.Flush()
}

// shards are a Hub's: as many as goroutines can run at once.
type shards struct {
	mu  sync.Mutex
	all []*shard
}

// start starts them, unless they run.
func (s *shards) start(n Network) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.all != nil {
		return
	}
	for range runtime.GOMAXPROCS(0) {
		s.all = append(s.all, newShard(n.NewBatch()))
	}
}

// take returns the one with the fewest Sessions, and counts one more.
func (s *shards) take() *shard {
	s.mu.Lock()
	defer s.mu.Unlock()
	h := slices.MinFunc(s.all, func(a, b *shard) int { return int(a.load.Load() - b.load.Load()) })
	h.load.Add(1)
	return h
}

// end ends them and waits for them. No Session may be left.
func (s *shards) end() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, h := range s.all {
		close(h.stop)
	}
	for _, h := range s.all {
		<-h.done
	}
	s.all = nil
}
