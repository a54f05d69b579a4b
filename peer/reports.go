package peer

import (
	"time"

	"github.com/pion/rtcp"
	"github.com/pushcam/pushcam/peer/packetizer"
)

// reportInterval is between sender reports, which is also how often rates are
// reckoned.
const reportInterval = time.Second

// fadeReports is how many reports there are between two times that the counts
// of latencies are halved.
const fadeReports = 10

// report sends an RTCP sender report (RFC 3550 section 6.4.1). They tie RTP
// timestamps, which are capture times, to the wall clock. The shard's goroutine
// calls it.
func (v *sending) report(now time.Time) {
	v.reported = now
	v.countDropped()
	s := v.session
	s.counters.reckon(now)
	if v.reports++; v.reports%fadeReports == 0 {
		s.counters.captureToSend.fade()
	}
	err := s.pc.WriteRTCP([]rtcp.Packet{&rtcp.SenderReport{
		SSRC:        v.ssrc,
		NTPTime:     packetizer.NTPTime(now),
		RTPTime:     v.packetizer.Timestamp(now),
		PacketCount: uint32(s.counters.packets.Load()),
		OctetCount:  uint32(s.counters.bytes.Load()),
	}})
	if err != nil {
		s.counters.failed.Add(1)
	}
}

// roundTrip is the time since a sender report went out, less what the viewer
// held it back: its LSR and DLSR (RFC 3550 section 6.4.1), in 1/65536 s. It is
// 0 when the viewer has not seen a report yet, or tells nonsense.
func roundTrip(now time.Time, lastSenderReport, delay uint32) time.Duration {
	if lastSenderReport == 0 {
		return 0
	}
	d := uint32(packetizer.NTPTime(now)>>16) - lastSenderReport - delay
	if d > 1<<20 { // 16 s: clock trouble, or a forged report
		return 0
	}
	return time.Duration(d) * time.Second >> 16
}
