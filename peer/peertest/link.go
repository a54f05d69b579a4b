package peertest

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"sync"
	"time"
)

// Link is one direction of a Path. All methods are safe from any goroutine.
type Link struct {
	wake    chan struct{} // capacity 1: there may be something to do sooner
	closing chan struct{} // closed by close
	closed  chan struct{} // closed when run has returned

	mu         sync.Mutex
	conditions Conditions
	random     *rand.Rand
	bucket     bucket
	waiting    []packet // for the bucket
	queued     int      // bytes of those
	flying     []packet // sorted by due
	last       time.Time
	stats      LinkStats
}

// LinkStats counts packets since the Link was made.
type LinkStats struct {
	Sent      uint64 // by the host before it
	Lost      uint64 // at random, or while it was down
	Dropped   uint64 // because the queue was full
	Delivered uint64
	Bytes     uint64 // delivered, headers included
	// Wait is the longest that a packet waited in the queue since the last
	// call of Stats.
	Wait time.Duration
}

// packet is on its way.
type packet struct {
	size    int // on the wire
	since   time.Time
	due     time.Time
	deliver func()
}

// newLink makes a Link and starts its goroutine, which close ends.
func newLink(c Conditions, seed uint64) *Link {
	l := &Link{
		wake: make(chan struct{}, 1), closing: make(chan struct{}), closed: make(chan struct{}),
		conditions: c, random: rand.New(rand.NewPCG(seed, seed)),
	}
	go l.run()
	return l
}

func (l *Link) close() {
	close(l.closing)
	<-l.closed
}

// Set changes the conditions from now on. Packets that wait for the queue's end
// leave it at the new rate; those beyond it come as they would have.
func (l *Link) Set(c Conditions) {
	l.mu.Lock()
	if len(l.waiting) > 0 {
		l.bucket.fill(l.conditions, time.Now(), l.waiting[0].size)
	}
	l.conditions = c
	l.mu.Unlock()
	l.signal()
}

// Change applies a change to the conditions as they are.
func (l *Link) Change(change func(*Conditions)) {
	l.mu.Lock()
	c := l.conditions
	l.mu.Unlock()
	change(&c)
	l.Set(c)
}

// Stats is a snapshot.
func (l *Link) Stats() LinkStats {
	l.mu.Lock()
	defer l.mu.Unlock()
	s := l.stats
	l.stats.Wait = 0
	return s
}

// send takes a datagram of so many bytes; deliver is called, from the Link's
// goroutine, when it arrives.
func (l *Link) send(size int, deliver func()) {
	p := packet{size: size + ipOverhead, since: time.Now(), deliver: deliver}
	l.mu.Lock()
	l.stats.Sent++
	switch c := l.conditions; {
	case c.Down, c.Loss > 0 && l.random.Float64() < c.Loss:
		l.stats.Lost++
	case c.Rate > 0 && l.queued+p.size > max(c.Queue, p.size):
		l.stats.Dropped++
	default:
		l.waiting = append(l.waiting, p)
		l.queued += p.size
	}
	l.mu.Unlock()
	l.signal()
}

func (l *Link) signal() {
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

// run moves packets on until close.
func (l *Link) run() {
	defer close(l.closed)
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		due, next := l.move(time.Now())
		for _, p := range due {
			p.deliver()
		}
		if next > 0 {
			timer.Reset(next)
		}
		select {
		case <-l.wake:
		case <-timer.C:
		case <-l.closing:
			return
		}
	}
}

// move passes on what may leave the queue, and returns what arrives now and
// when to look again, 0 for not before something happens.
func (l *Link) move(now time.Time) (due []packet, next time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for len(l.waiting) > 0 && next == 0 {
		p := l.waiting[0]
		if c := l.conditions; c.Rate > 0 {
			l.bucket.fill(c, now, p.size)
			next = l.bucket.take(c, p.size)
		}
		if next == 0 {
			l.waiting = l.waiting[1:]
			l.queued -= p.size
			l.stats.Wait = max(l.stats.Wait, now.Sub(p.since))
			l.launch(p, now)
		}
	}
	n := 0
	for ; n < len(l.flying) && !l.flying[n].due.After(now); n++ {
		l.stats.Delivered++
		l.stats.Bytes += uint64(l.flying[n].size)
	}
	due = slices.Clone(l.flying[:n])
	l.flying = slices.Delete(l.flying, 0, n)
	if len(l.flying) > 0 {
		if flight := l.flying[0].due.Sub(now); next == 0 || flight < next {
			next = flight
		}
	}
	return due, next
}

// launch says when p arrives.
func (l *Link) launch(p packet, now time.Time) {
	c := l.conditions
	p.due = now.Add(c.Delay)
	if c.Jitter > 0 {
		p.due = p.due.Add(time.Duration(l.random.Int64N(int64(c.Jitter))))
	}
	if p.due.Before(l.last) {
		p.due = l.last
	}
	if c.Reorder > 0 && l.random.Float64() < c.Reorder {
		p.due = p.due.Add(c.ReorderBy)
	} else {
		l.last = p.due
	}
	i, _ := slices.BinarySearchFunc(l.flying, p.due, func(q packet, due time.Time) int {
		return cmp.Or(q.due.Compare(due), -1) // behind all that are due at the same time
	})
	l.flying = slices.Insert(l.flying, i, p)
}
