package viewer

import "time"

const (
	// reorderWindow is how many packets a missing one is waited for, which
	// bounds the packets held: two seconds at 2 Mbit/s.
	reorderWindow = 512
	// repairWait is how long a missing packet is waited for.
	repairWait = 500 * time.Millisecond
	// maxDropout is the largest jump that is taken for loss and not for a new
	// sequence (RFC 3550 appendix A.1).
	maxDropout = 3000
	// historySize covers every sequence number between the oldest that can be
	// told from a jump and the newest that can be held.
	historySize = 4096
)

// sequencer brings packets into the order they were sent in, and counts what
// became of each. In order, a packet passes straight through; only behind a
// gap are packets copied and held. It belongs to one goroutine.
type sequencer struct {
	// deliver gets every packet once, in order; gap says that packets before
	// it are lost for good. It must not keep the payload.
	deliver func(p packet, gap bool)
	// fresh says whether a payload begins a picture that needs none before it.
	fresh func(payload []byte) bool

	started bool
	next    uint16 // first sequence number not yet delivered or given up
	gap     bool   // packets before next were given up
	held    [reorderWindow]heldPacket
	heldN   int
	waiting time.Time // since when the packet next is known to be missing; valid while heldN > 0
	newest  uint16    // highest sequence number that arrived
	history [historySize / 64]uint64

	// A jump is believed when the packet after it arrives too.
	jumped  bool
	jumpsTo uint16

	count packetCounts
}

type heldPacket struct {
	packet
	full bool
}

// packetCounts says what became of packets.
type packetCounts struct {
	received   uint64 // each sequence number once
	lost       uint64
	repaired   uint64
	reordered  uint64
	duplicates uint64
	late       uint64
	restarts   uint64
}

// push takes the next packet to arrive. It does not keep the payload.
func (s *sequencer) push(p packet) {
	if !s.started {
		s.restart(p.sequence)
		s.started = true
	}
	switch ahead := int(int16(p.sequence - s.next)); {
	case ahead >= maxDropout || ahead <= -maxDropout:
		if !s.jumped || p.sequence != s.jumpsTo {
			s.jumped, s.jumpsTo = true, p.sequence+1
			return
		}
		s.count.restarts++
		s.restart(p.sequence)
		s.gap = true
		s.accept(p)
	case ahead < reorderWindow && s.seen(p.sequence):
		s.count.duplicates++
	case ahead < 0:
		s.mark(p.sequence)
		s.count.late++
	default:
		for int(p.sequence-s.next) >= reorderWindow {
			s.giveUp()
		}
		s.accept(p)
	}
	s.expire(p.received)
}

// accept takes a packet at or within the window after next.
func (s *sequencer) accept(p packet) {
	s.jumped = false
	s.mark(p.sequence)
	s.count.received++
	switch newer := int16(p.sequence-s.newest) > 0; {
	case newer:
		s.newest = p.sequence
	case p.repair:
		s.count.repaired++
	case s.heldN > 0:
		s.count.reordered++
	}
	if p.sequence != s.next {
		if s.heldN == 0 {
			s.waiting = p.received
		}
		slot := &s.held[p.sequence%reorderWindow]
		p.payload = append(slot.payload[:0], p.payload...)
		*slot = heldPacket{p, true}
		s.heldN++
		s.leap(p.sequence)
		return
	}
	s.pass(p)
	s.drain()
}

// drain passes on what is held right after what was delivered last.
func (s *sequencer) drain() {
	slot := &s.held[s.next%reorderWindow]
	if !slot.full {
		return
	}
	for ; slot.full; slot = &s.held[s.next%reorderWindow] {
		slot.full = false
		s.heldN--
		s.pass(slot.packet)
	}
	// What is still held waits for another packet, known to be missing since
	// the one after it came.
	if s.heldN > 0 {
		s.waiting = s.firstHeld().received
	}
}

// leap gives up what is missing before a whole picture that needs none of it,
// as a decoder would: of this picture the packet has just come.
func (s *sequencer) leap(sequence uint16) {
	slot := func(sequence uint16) *heldPacket { return &s.held[sequence%reorderWindow] }
	of := slot(sequence).timestamp
	first, last := sequence, sequence
	// The slot of next is empty: there both end.
	for p := slot(first - 1); p.full && p.timestamp == of; p = slot(first - 1) {
		first--
	}
	for !slot(last).marker {
		if p := slot(last + 1); !p.full || p.timestamp != of {
			return
		}
		last++
	}
	if !s.fresh(slot(first).payload) {
		return
	}
	for int16(first-s.next) > 0 {
		s.giveUp()
	}
}

func (s *sequencer) pass(p packet) {
	gap := s.gap
	s.gap = false
	s.advance()
	s.deliver(p, gap)
}

// giveUp moves past the first missing packet and what is held right behind it.
func (s *sequencer) giveUp() {
	if !s.held[s.next%reorderWindow].full {
		s.count.lost++
		s.gap = true
		s.advance()
	}
	s.drain()
}

// expire gives up missing packets whose successor has waited long enough.
func (s *sequencer) expire(now time.Time) {
	for s.heldN > 0 && now.Sub(s.waiting) >= repairWait {
		for n := s.heldN; s.heldN == n; {
			s.giveUp()
		}
	}
}

func (s *sequencer) firstHeld() *heldPacket {
	for i := s.next; ; i++ {
		if slot := &s.held[i%reorderWindow]; slot.full {
			return slot
		}
	}
}

// restart begins a new sequence.
func (s *sequencer) restart(first uint16) {
	s.next, s.newest, s.jumped, s.heldN = first, first, false, 0
	for i := range s.held {
		s.held[i].full = false
	}
	clear(s.history[:])
}

// advance moves next on and makes room in the history for the newest sequence
// number that may now arrive.
func (s *sequencer) advance() {
	s.next++
	i := (s.next + reorderWindow - 1) % historySize
	s.history[i/64] &^= 1 << (i % 64)
}

func (s *sequencer) mark(sequence uint16) {
	i := sequence % historySize
	s.history[i/64] |= 1 << (i % 64)
}

func (s *sequencer) seen(sequence uint16) bool {
	i := sequence % historySize
	return s.history[i/64]&(1<<(i%64)) != 0
}
