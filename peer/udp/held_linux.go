package udp

import (
	"errors"
	"time"

	"golang.org/x/sys/unix"
)

// The bounds of what a Batch holds. More saves nothing: with a picture of a few
// packets for each of a dozen viewers the call itself no longer counts, and
// what is held longer leaves later and has left the processor's cache.
const (
	maxHeld     = 128 << 10 // bytes; more than maxRunBytes
	maxMessages = 128
)

// maxSegments is UDP_MAX_SEGMENTS of Linux before 6.9, which has 128.
const maxSegments = 64

// run is packets to one address, one after the other in the buffer, all of one
// size but perhaps the last.
type run struct {
	route      *Route
	start, end int // in the buffer
	size       int
	count      int
}

// takes reports whether a packet can be the run's next.
func (r *run) takes(to *Route, bytes int) bool {
	return r.route == to && !to.unsegmented.Load() && r.count < maxSegments &&
		r.end-r.start == r.count*r.size && bytes <= r.size && bytes > 0 &&
		r.end-r.start+bytes <= maxRunBytes
}

// held is what a Batch holds, until all of it is the kernel's or lost. One
// goroutine at a time has it: who holds Batch.mu, or the backlog.
type held struct {
	conn   *Conn
	buffer []byte
	runs   []run
	next   int       // the first of runs that is not sent
	since  time.Time // when it had to wait

	tables tables
	name   sockaddr         // for packets that go one by one
	send   func(fd uintptr) // transmit, made once
}

func newHeld(c *Conn) *held {
	h := &held{conn: c, buffer: make([]byte, 0, maxHeld), runs: make([]run, 0, maxMessages)}
	h.send = func(fd uintptr) { h.transmit(fd) }
	h.tables.init()
	return h
}

// add copies a packet to the end, and reports whether there was room.
func (h *held) add(to *Route, p []byte) bool {
	if len(h.buffer)+len(p) > cap(h.buffer) {
		return false
	}
	segmented := Way(h.conn.way.Load()) == Segmented
	if n := len(h.runs); n == 0 || !segmented || !h.runs[n-1].takes(to, len(p)) {
		if n == cap(h.runs) {
			return false
		}
		h.runs = append(h.runs, run{route: to, start: len(h.buffer), end: len(h.buffer), size: len(p)})
	}
	h.buffer = append(h.buffer, p...)
	r := &h.runs[len(h.runs)-1]
	r.end = len(h.buffer)
	r.count++
	return true
}

func (h *held) reset() {
	clear(h.runs) // they keep Routes alive
	h.runs, h.buffer, h.next = h.runs[:0], h.buffer[:0], 0
}

// lose counts all that is not sent as lost.
func (h *held) lose(full bool) {
	for ; h.next < len(h.runs); h.next++ {
		r := &h.runs[h.next]
		h.conn.counts.lost(r.route, r.count, full)
	}
}

// transmit gives the runs to the kernel, and reports whether all are dealt with.
// If not the socket is full. The kernel takes runs in order, and stops at the
// first one it refuses; the call after that tells why.
func (h *held) transmit(fd uintptr) bool {
	for i := h.next; i < len(h.runs); i++ {
		h.tables.set(i, &h.runs[i], h.buffer, h.conn.ip4)
	}
	for h.next < len(h.runs) {
		if Way(h.conn.way.Load()) == Single {
			if !h.transmitSingly(int(fd)) {
				return false
			}
			continue
		}
		h.conn.counts.calls.Add(1)
		n, err := h.conn.system.sendmmsg(int(fd), h.tables.messages[h.next:len(h.runs)])
		switch {
		case err == nil:
			for _, r := range h.runs[h.next : h.next+n] {
				h.conn.counts.sent(r.count, r.end-r.start)
			}
			h.next += n
		case errors.Is(err, unix.ENOSYS): // as in some sandboxes
			h.conn.way.Store(uint32(Single))
		case !h.refused(int(fd), err):
			return false
		}
	}
	return true
}

// refused deals with a run that the kernel does not take, unless the socket is
// full.
func (h *held) refused(fd int, err error) bool {
	r := &h.runs[h.next]
	// EIO: the device on the way computes no checksums, which segmentation
	// needs before Linux 6.11, or a tunnel encrypts. EINVAL and EMSGSIZE: some
	// drivers, and a path whose MTU is less than the segments. It is like that
	// for this Route alone, others may go through another device.
	cannot := errors.Is(err, unix.EIO) || errors.Is(err, unix.EINVAL) || errors.Is(err, unix.EMSGSIZE)
	switch {
	case errors.Is(err, unix.EAGAIN):
		return false
	case r.count > 1 && cannot:
		if !r.route.unsegmented.Swap(true) {
			h.conn.counts.unsegmented.Add(1)
		}
		return h.transmitSingly(fd)
	}
	h.conn.counts.lost(r.route, r.count, isFull(err))
	h.next++
	return true
}

// transmitSingly sends the packets of the next run one by one, and reports
// whether all are dealt with. If not the socket is full.
func (h *held) transmitSingly(fd int) bool {
	r := &h.runs[h.next]
	for r.start < r.end {
		p := h.buffer[r.start:min(r.start+r.size, r.end)]
		switch err := h.conn.sendOne(fd, p, r.route.to, &h.name); {
		case err == nil:
			h.conn.counts.sent(1, len(p))
		case errors.Is(err, unix.EAGAIN):
			return false
		default:
			h.conn.counts.lost(r.route, 1, isFull(err))
		}
		r.start += len(p)
		r.count--
	}
	h.next++
	return true
}
