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
			hears(t, s, request)
			for n := 0; !w.picture(t).Keyframe; n++ {
				if n == 30 {
					t.Fatal("no keyframe within 30 pictures")
				}
			}
			if stats := s.Stats(); stats.PLI+stats.FIR != 1 {
				t.Errorf("counted %d PLI and %d FIR", stats.PLI, stats.FIR)
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
