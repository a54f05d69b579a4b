package peer

import "github.com/pushcam/pushcam/capture"

// Totals is what all Sessions have done since the Hub was made, those that have
// ended included.
type Totals struct {
	Sessions uint64 // opened
	// Pictures, Packets, Bytes, Resent, Lost and Drops are the sums of Stats.
	Pictures, Packets, Bytes, Resent, Lost uint64
	Drops                                  Drops
	// Join is from a Session's opening until its viewer was connected.
	Join capture.DurationStats
	// CaptureToSend is that of Stats, of all pictures for all viewers.
	CaptureToSend capture.DurationStats
	// Admitted is how many viewers there are now that others serve.
	Admitted int
}

func (t *Totals) add(s Stats) {
	t.Pictures += s.Pictures
	t.Packets += s.Packets
	t.Bytes += s.Bytes
	t.Resent += s.Resent
	t.Lost += s.Lost
	for reason, n := range s.Drops {
		t.Drops[reason] += n
	}
}

// Totals is a snapshot.
func (h *Hub) Totals() Totals {
	h.mu.Lock()
	all, sum := make([]*Session, 0, len(h.sessions)), h.ended
	for s := range h.sessions {
		all = append(all, s)
	}
	sum.Admitted = h.admitted
	h.mu.Unlock()
	for _, s := range all {
		sum.add(s.Stats())
	}
	sum.Join, sum.CaptureToSend = h.join.Stats(), h.captureToSend.Stats()
	return sum
}
