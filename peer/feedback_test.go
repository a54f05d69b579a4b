package peer

import (
	"testing"
	"time"

	"github.com/pion/rtcp"
)

// TestKeyframeOnFeedback holds that each way to ask for a keyframe gets one.
func TestKeyframeOnFeedback(t *testing.T) {
	for name, request := range map[string]rtcp.Packet{
		"PLI": &rtcp.PictureLossIndication{},
		"FIR": &rtcp.FullIntraRequest{FIR: []rtcp.FIREntry{{SequenceNumber: 1}}},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, testOptions{})
			s, w := r.join(t)
			if !w.picture(t).Keyframe {
				t.Fatal("the first picture is no keyframe")
			}
			asked := uint64(0)
			for n := 0; asked == 0 || !w.picture(t).Keyframe; n++ {
				if n == 300 {
					t.Fatal("no keyframe within 300 pictures")
				}
				// While the first one may be under way it is the answer.
				if n%30 == 0 {
					hears(t, s, request)
					asked++
				}
			}
			if stats := s.Stats(); stats.PLI+stats.FIR != asked {
				t.Errorf("counted %d PLI and %d FIR of %d", stats.PLI, stats.FIR, asked)
			}
		})
	}
}

func TestForeignFeedbackIsIgnored(t *testing.T) {
	r := newRig(t, testOptions{})
	s, w := r.join(t)
	w.picture(t)
	for _, packet := range []rtcp.Packet{
		&rtcp.TransportLayerNack{Nacks: []rtcp.NackPair{{PacketID: 1, LostPackets: 0xffff}}}, // never sent, most likely
		&rtcp.ReceiverReport{Reports: []rtcp.ReceptionReport{{SSRC: s.current().ssrc + 1, TotalLost: 1000}}},
		&rtcp.ReceiverReport{},
		&rtcp.Goodbye{},
	} {
		hears(t, s, packet)
	}
	if lost := s.Stats().Lost; lost != 0 {
		t.Errorf("another stream's %d lost packets were taken for this one's", lost)
	}
	w.picture(t)
}

// hears has s hear what its viewer might tell.
func hears(t *testing.T, s *Session, packet rtcp.Packet) {
	t.Helper()
	b, err := packet.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	s.current().hear(b, time.Now())
}
