package peer

import (
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/rtp"
)

// receiveMTU is the largest RTCP datagram that can come in.
const receiveMTU = 1500

// listen heeds the viewer's feedback until the Session ends.
func (s *Session) listen(v *sending) {
	buffer := make([]byte, receiveMTU)
	for {
		n, _, err := v.sender.Read(buffer)
		if err != nil {
			return // closed
		}
		packets, err := rtcp.Unmarshal(buffer[:n])
		if err != nil {
			continue // not ours to judge; nothing depends on it
		}
		for _, p := range packets {
			s.heed(v, p)
		}
	}
}

func (s *Session) heed(v *sending, packet rtcp.Packet) {
	switch p := packet.(type) {
	case *rtcp.PictureLossIndication:
		s.counters.pli.Add(1)
		v.subscription.RequestKeyframe()
	case *rtcp.FullIntraRequest:
		s.counters.fir.Add(1)
		v.subscription.RequestKeyframe()
	case *rtcp.TransportLayerNack:
		for i := range p.Nacks {
			p.Nacks[i].Range(func(sequence uint16) bool { return s.resend(v, sequence) })
		}
	case *rtcp.ReceiverReport:
		for _, r := range p.Reports {
			if r.SSRC == v.ssrc {
				s.counters.received(r, time.Now())
			}
		}
	}
}

// resend answers one NACK (RFC 4585 section 6.2.1) and reports whether to go
// on with the next.
func (s *Session) resend(v *sending, sequence uint16) bool {
	s.counters.nack.Add(1)
	ok, err := v.packetizer.Resend(sequence, func(h *rtp.Header, payload []byte) error {
		_, err := v.writer.WriteRTP(h, payload)
		return err
	})
	if ok && err == nil {
		s.counters.resent.Add(1)
	}
	return err == nil
}
