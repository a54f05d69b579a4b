package peer

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/rtcp"
	"github.com/pushcam/pushcam/capture"
)

// Stats is what one Session has done since its start, and how it is now. Rates
// are those of the last second.
type Stats struct {
	Codec     capture.Codec
	Size      capture.Size // of the last keyframe
	FrameRate float64      // pictures per second
	Bitrate   capture.Bitrate
	Pictures  uint64
	Keyframes uint64
	Packets   uint64 // without retransmissions
	Bytes     uint64 // RTP payload of those
	Resent    uint64 // packets
	Failed    uint64 // writes that the network refused
	NACK      uint64 // packets asked for again
	PLI, FIR  uint64
	// Drops is what was not sent.
	Drops Drops
	// CaptureToSend is the time from a picture's capture until its last packet
	// is the system's, of the last half minute's pictures or so: the median,
	// and what 95 of 100 stay below.
	CaptureToSend struct{ P50, P95 time.Duration }
	// As the viewer reports:
	Lost      uint64  // packets, in all
	Loss      float64 // share of the packets, 0 to 1, lately
	RoundTrip time.Duration
	// Estimate is what its path carries, as the Governor sees it, 0 before the
	// first picture. Target is what is to be sent of that: less while a queue
	// drains, or when --max-bitrate leaves less.
	Estimate, Target capture.Bitrate
	// Rung and Layer are those of the last picture sent, Layer the highest
	// that is sent at all.
	Rung  capture.Rung
	Layer uint8
	// Time is now, and Timestamp the RTP timestamp of a picture captured now; 0
	// before the codec is settled.
	Time      time.Time
	Timestamp uint32
}

// counters is Stats as it is counted, by the shard and the feedback.
type counters struct {
	pictures, keyframes, packets, bytes atomic.Uint64
	resent, failed, nack, pli, fir      atomic.Uint64
	lost, loss                          atomic.Uint64 // loss in 1/256
	roundTrip, estimate, target         atomic.Int64
	rung, layer                         atomic.Uint32
	drops                               dropCounters
	captureToSend                       latencies

	mu        sync.Mutex
	size      capture.Size
	last      reckoning
	frameRate float64
	bitrate   capture.Bitrate
}

// reckoning is what rates are reckoned from.
type reckoning struct {
	at              time.Time
	pictures, bytes uint64
}

func (c *counters) sent(au *capture.AccessUnit, packets, bytes int) {
	c.pictures.Add(1)
	c.packets.Add(uint64(packets))
	c.bytes.Add(uint64(bytes))
	if au.Keyframe {
		c.keyframes.Add(1)
		c.mu.Lock()
		c.size = au.Size
		c.mu.Unlock()
	}
}

// received takes a receiver report, with the round trip that it tells, or 0.
func (c *counters) received(r rtcp.ReceptionReport, rtt time.Duration) {
	// 24 bits, signed: duplicates count as gains.
	c.lost.Store(uint64(max(0, int32(r.TotalLost<<8)>>8)))
	c.loss.Store(uint64(r.FractionLost))
	if rtt > 0 {
		c.roundTrip.Store(int64(rtt))
	}
}

// reckon updates the rates.
func (c *counters) reckon(now time.Time) {
	next := reckoning{at: now, pictures: c.pictures.Load(), bytes: c.bytes.Load()}
	c.mu.Lock()
	defer c.mu.Unlock()
	if seconds := next.at.Sub(c.last.at).Seconds(); !c.last.at.IsZero() && seconds > 0 {
		c.frameRate = float64(next.pictures-c.last.pictures) / seconds
		c.bitrate = capture.Bitrate(float64(next.bytes-c.last.bytes) * 8 / seconds)
	}
	c.last = next
}

// Stats is a snapshot. It holds nobody up: it may be taken every second of all
// Sessions.
func (s *Session) Stats() Stats {
	c := &s.counters
	out := Stats{
		Time:      time.Now(),
		Pictures:  c.pictures.Load(),
		Keyframes: c.keyframes.Load(),
		Packets:   c.packets.Load(),
		Bytes:     c.bytes.Load(),
		Resent:    c.resent.Load(),
		Failed:    c.failed.Load(),
		NACK:      c.nack.Load(),
		PLI:       c.pli.Load(),
		FIR:       c.fir.Load(),
		Lost:      c.lost.Load(),
		Loss:      float64(c.loss.Load()) / 256,
		RoundTrip: time.Duration(c.roundTrip.Load()),
		Estimate:  capture.Bitrate(c.estimate.Load()),
		Target:    capture.Bitrate(c.target.Load()),
		Rung:      capture.Rung(c.rung.Load()),
		Layer:     uint8(c.layer.Load()),
	}
	c.mu.Lock()
	out.Size, out.FrameRate, out.Bitrate = c.size, c.frameRate, c.bitrate
	c.mu.Unlock()
	var subscription *capture.Subscription
	if v := s.current(); v != nil {
		out.Codec, subscription = v.codec, v.subscription
		out.Timestamp = v.packetizer.Timestamp(out.Time)
	}
	out.Drops = c.drops.snapshot(subscription)
	out.CaptureToSend.P50 = c.captureToSend.quantile(0.50)
	out.CaptureToSend.P95 = c.captureToSend.quantile(0.95)
	return out
}
