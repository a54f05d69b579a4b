package viewer

import "time"

const (
	// nackRetry is how long a requested packet is waited for before it is
	// requested again: the round trip that libwebrtc assumes until it has
	// measured one, which a viewer that sends nothing never does.
	nackRetry = 100 * time.Millisecond
	// nackTries is how often one packet is requested, as in libwebrtc. Later
	// than nackTries * nackRetry the sequencer has given it up anyway.
	nackTries = 10
)

// nacker says which missing packets to request (RFC 4585 section 6.2.1). It
// belongs to the sequencer's goroutine.
//
// Pion's generator does not know of a repair that comes by RTX and goes on to
// request it, so that each loss costs the sender every retry there is.
type nacker struct {
	requests [reorderWindow]request
	list     []uint16
}

// request is what was done about one missing packet.
type request struct {
	sequence uint16
	tries    int
	last     time.Time
}

// due returns the sequence numbers to request now, ascending, valid until the
// next call. A gap that is new is due at once: on most paths nothing is
// reordered.
func (n *nacker) due(s *sequencer, now time.Time) []uint16 {
	n.list = n.list[:0]
	if s.heldN == 0 {
		return n.list
	}
	for sequence := s.next; sequence != s.newest; sequence++ {
		if s.held[sequence%reorderWindow].full {
			continue
		}
		r := &n.requests[sequence%reorderWindow]
		if r.sequence != sequence || now.Sub(r.last) > repairWait {
			*r = request{sequence: sequence}
		}
		if r.tries < nackTries && (r.tries == 0 || now.Sub(r.last) >= nackRetry) {
			r.tries++
			r.last = now
			n.list = append(n.list, sequence)
		}
	}
	return n.list
}
