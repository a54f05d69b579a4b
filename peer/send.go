package peer

import (
	"context"
	"time"

	"github.com/pion/rtp"
)

// send passes pictures from the Source to the viewer until the Session ends.
func (s *Session) send(v *sending) {
	// The library calls a connection up a moment before it can encrypt, and
	// drops what is written until then without an error. Setting a deadline
	// waits for that moment.
	if err := v.sender.SetReadDeadline(time.Time{}); err != nil {
		return // closed
	}
	write := func(h *rtp.Header, payload []byte) error {
		_, err := v.writer.WriteRTP(h, payload)
		return err
	}
	for {
		au, err := v.subscription.Next(context.Background()) // Close ends it
		if err != nil {
			s.end(ErrClosed) // the Source is closing
			return
		}
		s.hub.learn(au)
		packets, bytes, err := v.packetizer.Packetize(au, write)
		s.counters.sent(au, packets, bytes)
		if err != nil {
			// The path is closing, or its TCP connection is full. What the
			// viewer misses it asks for again.
			s.counters.failed.Add(1)
		}
	}
}
