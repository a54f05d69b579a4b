package udp

import (
	"errors"

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
	return r.route == to && !to.unsegmented && r.count < maxSegments &&
		r.end-r.start == r.count*r.size && bytes <= r.size && bytes > 0 &&
		r.end-r.start+bytes <= maxRunBytes
}

// held is what a Batch holds. It is guarded by Batch.mu.
type held struct {
	batch  *Batch
	buffer []byte
	runs   []run

	tables tables

	name sockaddr         // for packets that go one by one
	send func(fd uintptr) // h.transmit, made once
}

func (h *held) init(b *Batch) {
	h.batch = b
	h.buffer = make([]byte, 0, maxHeld)
	h.runs = make([]run, 0, maxMessages)
	h.send = func(fd uintptr) { h.transmit(int(fd)) }
	h.tables.init()
}

// put copies a packet to the end.
func (h *held) put(to *Route, p []byte) {
	if len(h.buffer)+len(p) > cap(h.buffer) {
		h.flush()
	}
	segmented := Way(h.batch.conn.way.Load()) == Segmented
	if n := len(h.runs); n == 0 || !segmented || !h.runs[n-1].takes(to, len(p)) {
		if n == cap(h.runs) {
			h.flush()
		}
		h.runs = append(h.runs, run{route: to, start: len(h.buffer), end: len(h.buffer), size: len(p)})
	}
	h.buffer = append(h.buffer, p...)
	r := &h.runs[len(h.runs)-1]
	r.end = len(h.buffer)
	r.count++
}

// flush sends all.
func (h *held) flush() {
	if len(h.runs) == 0 {
		return
	}
	if err := h.batch.conn.raw.Control(h.send); err != nil {
		for i := range h.runs { // the socket is closed
			h.batch.conn.counts.lost(h.runs[i].route, h.runs[i].count, false)
		}
	}
	clear(h.runs) // they keep Routes alive
	h.runs = h.runs[:0]
	h.buffer = h.buffer[:0]
}

// transmit gives the runs to the kernel. It takes them in order, and stops at
// the first one it refuses; the call after that tells why.
func (h *held) transmit(fd int) {
	c := h.batch.conn
	for i := range h.runs {
		h.tables.set(i, &h.runs[i], h.buffer, c.ip4)
	}
	for next := 0; next < len(h.runs); {
		c.counts.calls.Add(1)
		n, err := c.system.sendmmsg(fd, h.tables.messages[next:len(h.runs)])
		if err != nil {
			n = 0
		}
		for i := next; i < next+n; i++ {
			c.counts.sent(h.runs[i].count, h.runs[i].end-h.runs[i].start)
		}
		next += n
		switch {
		case err == nil:
		case errors.Is(err, unix.ENOSYS): // as in some sandboxes
			c.way.Store(uint32(Single))
			for ; next < len(h.runs); next++ {
				h.transmitSingly(fd, &h.runs[next])
			}
		default:
			h.refused(fd, &h.runs[next], err)
			next++
		}
	}
}

// refused deals with a run that the kernel does not take.
func (h *held) refused(fd int, r *run, err error) {
	c := h.batch.conn
	// EIO: the device on the way computes no checksums, which segmentation
	// needs before Linux 6.11, or a tunnel encrypts. EINVAL and EMSGSIZE: some
	// drivers, and a path whose MTU is less than the segments. It is like that
	// for this Route alone, others may go through another device.
	cannot := errors.Is(err, unix.EIO) || errors.Is(err, unix.EINVAL) || errors.Is(err, unix.EMSGSIZE)
	if r.count > 1 && cannot {
		if !r.route.unsegmented {
			r.route.unsegmented = true
			c.counts.unsegmented.Add(1)
		}
		h.transmitSingly(fd, r)
		return
	}
	c.counts.lost(r.route, r.count, isFull(err))
}

// transmitSingly sends the packets of a run one by one.
func (h *held) transmitSingly(fd int, r *run) {
	c := h.batch.conn
	for at := r.start; at < r.end; at += r.size {
		p := h.buffer[at:min(at+r.size, r.end)]
		if err := c.sendOne(fd, p, r.route.to, &h.name); err != nil {
			c.counts.lost(r.route, 1, isFull(err))
		} else {
			c.counts.sent(1, len(p))
		}
	}
}
