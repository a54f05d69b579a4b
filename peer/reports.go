package peer

import (
	"time"

	"github.com/pion/rtcp"
)

// reportInterval is between sender reports, which is also how often rates are
// reckoned.
const reportInterval = time.Second

// report sends an RTCP sender report (RFC 3550 section 6.4.1). They tie RTP
// timestamps, which are capture times, to the wall clock. The shard's goroutine
// calls it.
func (v *sending) report(now time.Time) {
	v.reported = now
	s := v.session
	s.counters.reckon(now)
	err := s.pc.WriteRTCP([]rtcp.Packet{&rtcp.SenderReport{
		SSRC:        v.ssrc,
		NTPTime:     ntpTime(now),
		RTPTime:     v.packetizer.Timestamp(now),
		PacketCount: uint32(s.counters.packets.Load()),
		OctetCount:  uint32(s.counters.bytes.Load()),
	}})
	if err != nil {
		s.counters.failed.Add(1)
	}
}

// ntpTime is seconds since 1900 in 32.32 bits fixed point (RFC 5905 section 6).
func ntpTime(t time.Time) uint64 {
	const since1900 = 2208988800 // the Unix epoch
	seconds := uint64(t.Unix() + since1900)
	fraction := uint64(t.Nanosecond()) << 32 / uint64(time.Second)
	return seconds<<32 | fraction
}

// roundTrip is the time since a sender report went out, less what the viewer
// held it back: its LSR and DLSR (RFC 3550 section 6.4.1), in 1/65536 s. It is
// 0 when the viewer has not seen a report yet, or tells nonsense.
func roundTrip(now time.Time, lastSenderReport, delay uint32) time.Duration {
	if lastSenderReport == 0 {
		return 0
	}
	d := uint32(ntpTime(now)>>16) - lastSenderReport - delay
	if d > 1<<20 { // 16 s: clock trouble, or a forged report
		return 0
	}
	return time.Duration(d) * time.Second >> 16
}
