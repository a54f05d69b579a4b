package udp

import (
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// fullFor makes the socket full for anything but packets that go at once, until
// the function that it returns is called.
func fullFor(t *testing.T, c *Conn) (empty func()) {
	var full atomic.Bool
	full.Store(true)
	refuse(c, func(*message) error {
		if full.Load() {
			return unix.EAGAIN
		}
		return nil
	})
	return func() {
		full.Store(false)
		// A packet that has left makes the kernel look who waits for room.
		write(t, c, newReceiver(t, families[0].receiver).addr, packet(1, 1))
	}
}

// TestLate has a socket that is full for a while: all waits, in order, and the
// senders go on.
func TestLate(t *testing.T) {
	for way := Segmented; way <= Several; way++ {
		t.Run(way.String(), func(t *testing.T) {
			c := open(t)
			c.way.Store(uint32(max(way, Way(c.way.Load()))))
			empty := fullFor(t, c)
			first, second, b := newReceiver(t, families[0].receiver), newReceiver(t, families[0].receiver), c.NewBatch()
			t.Cleanup(b.Route(first.addr).Close)
			t.Cleanup(b.Route(second.addr).Close)
			var want [][]byte
			round := func(i int) {
				b.Open()
				for k := range 7 {
					p := packet(10*i+k, 1160-k/6)
					want = append(want, p)
					write(t, c, first.addr, p)
					write(t, c, second.addr, p)
				}
				b.Flush()
			}
			for i := range 5 {
				round(i)
			}
			if got := c.Stats(); got.Packets != 0 || got.Late != 2*5*7 || got.Full != 0 {
				t.Errorf("%+v", got)
			}
			empty()
			round(5) // behind the others, if there still are any
			first.want(t, want...)
			second.want(t, want...)
			_ = c.Close() // waits for who counts
			if got := c.Stats(); got.Packets != 2*6*7+1 || got.Full+got.Failed != 0 {
				t.Errorf("%+v", got)
			}
		})
	}
}

// TestTooLate has one that is full for too long: the oldest is dropped.
func TestTooLate(t *testing.T) {
	c := open(t)
	empty := fullFor(t, c)
	r, b := newReceiver(t, families[0].receiver), c.NewBatch()
	route := b.Route(r.addr)
	const rounds, packets = 3 * maxLate, 2
	for i := range rounds {
		b.Open()
		for k := range packets {
			write(t, c, r.addr, packet(10*i+k, 1160))
		}
		b.Flush()
	}
	const waiting = packets * maxLate
	if got := c.Stats(); got.Full != rounds*packets-waiting || got.Late != rounds*packets || route.Dropped() != got.Full {
		t.Errorf("%+v, %d dropped", got, route.Dropped())
	}
	empty()
	r.want(t, packet(0, 1160), packet(1, 1160)) // on their way from the beginning
	for i := rounds - maxLate + 1; i < rounds; i++ {
		r.want(t, packet(10*i, 1160), packet(10*i+1, 1160))
	}
	route.Close()
}

// TestTooOld has a socket that was full for so long that only what came last
// is of use.
func TestTooOld(t *testing.T) {
	c := open(t)
	var later atomic.Int64
	began := time.Unix(0, 0)
	c.system.now = func() time.Time { return began.Add(time.Duration(later.Load())) }
	sending := make(chan struct{}, 2)
	empty := fullFor(t, c)
	refused := c.system.sendmmsg
	c.system.sendmmsg = func(fd int, messages []message) (int, error) {
		select {
		case sending <- struct{}{}:
		default:
		}
		return refused(fd, messages)
	}
	r, b := newReceiver(t, families[0].receiver), c.NewBatch()
	route := b.Route(r.addr)
	round := func(i int) {
		b.Open()
		write(t, c, r.addr, packet(i, 1160))
		b.Flush()
	}
	round(0)
	<-sending // at Flush
	<-sending // in the backlog: its turn has come before the time passes
	round(1)
	round(2)
	later.Store(int64(2 * maxLateBy))
	round(3)
	empty()
	r.want(t, packet(0, 1160), packet(3, 1160))
	if got := c.Stats(); got.Full != 2 || route.Dropped() != 2 {
		t.Errorf("%+v, %d dropped", got, route.Dropped())
	}
	route.Close()
}

func TestCloseWhileFull(t *testing.T) {
	c := open(t)
	fullFor(t, c)
	b := c.NewBatch()
	route := b.Route(newReceiver(t, families[0].receiver).addr)
	for range 3 {
		b.Open()
		write(t, c, route.to.addr, packet(1, 1160))
		b.Flush()
	}
	if err := c.Close(); err != nil {
		t.Error(err)
	}
	b.Open()
	write(t, c, route.to.addr, packet(1, 1160))
	b.Flush()
	if got := c.Stats(); got.Failed != 4 || route.Dropped() != 4 {
		t.Errorf("%+v, %d dropped", got, route.Dropped())
	}
	route.Close()
}
