package peer

import (
	"context"

	"github.com/pion/rtp"
)

// send passes pictures from the Source to the viewer until the Session ends.
func (s *Session) send(v *sending) {
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
		packets, bytes, err := v.packetizer.Packetize(au, write)
		s.counters.sent(au, packets, bytes)
		if err != nil {
			// The path is closing, or its TCP connection is full. What the
			// viewer misses it asks for again.
			s.counters.failed.Add(1)
		}
	}
}
