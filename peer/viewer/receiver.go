package viewer

import (
	"errors"
	"net"
	"slices"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/pion/sdp/v3"
	"github.com/pion/webrtc/v4"

	"github.com/pushcam/pushcam/capture"
)

// receiveMTU holds any packet that a path with Ethernet's MTU delivers.
const receiveMTU = 1500

// repairPoll is how often repairs are looked for while packets are missing:
// pion hands them out with the next Read of the stream itself only.
const repairPoll = 5 * time.Millisecond

// receiver reads one track. Its fields belong to the goroutine of run.
type receiver struct {
	viewer *Viewer
	in     incoming

	sequencer sequencer
	nacker    nacker
	nacks     bool // the sender listens to NACK
	polling   bool // the track has a deadline
	assembler *assembler
	estimates bool // the sender listens to REMB
	estimator estimator
	stats     Stats
	rtp       rtp.Packet
	// Header extension ids by URI, 0 where not negotiated.
	playoutDelayID, captureTimeID, sendTimeID uint8
}

func newReceiver(v *Viewer, in incoming) *receiver {
	r := &receiver{viewer: v, in: in, stats: Stats{Requested: v.config.Requested}}
	r.sequencer.deliver = func(p packet, gap bool) { r.assembler.push(p, gap) }
	r.sequencer.fresh = func(payload []byte) bool { return r.assembler.fresh(payload) }
	for _, extension := range in.receiver.GetParameters().HeaderExtensions {
		switch extension.URI {
		case playoutDelayURI:
			r.playoutDelayID = uint8(extension.ID)
		case absCaptureTimeURI:
			r.captureTimeID = uint8(extension.ID)
		case sdp.ABSSendTimeURI:
			r.sendTimeID = uint8(extension.ID)
		}
	}
	v.keyframes.needed.Store(true)
	return r
}

// run reads until the PeerConnection closes.
func (r *receiver) run() {
	buffer := make([]byte, receiveMTU)
	for {
		r.poll()
		n, attributes, err := r.in.track.Read(buffer)
		now := time.Now()
		if timeout := net.Error(nil); errors.As(err, &timeout) && timeout.Timeout() {
			r.sequencer.expire(now)
			r.requestRepair(now)
			continue
		}
		if err != nil {
			return
		}
		if err := r.rtp.Unmarshal(buffer[:n]); err != nil {
			continue
		}
		if !r.follow() {
			continue
		}
		repair := false
		if ssrc, ok := attributes.Get(webrtc.AttributeRtxSsrc).(uint32); ok {
			repair = true
			r.stats.RepairSSRC = ssrc
			r.stats.RepairPayloadType, _ = attributes.Get(webrtc.AttributeRtxPayloadType).(uint8)
		}
		if r.stats.FirstPacket.IsZero() {
			r.stats.FirstPacket = now
		}
		r.stats.Bytes += uint64(n)
		r.sequencer.push(packet{
			sequence:  r.rtp.SequenceNumber,
			timestamp: r.rtp.Timestamp,
			marker:    r.rtp.Marker,
			repair:    repair,
			received:  now,
			captured:  r.extensions(),
			payload:   r.rtp.Payload,
		})
		r.requestRepair(now)
		r.estimate(now, n, repair)
		r.publish()
	}
}

// poll bounds the next Read while packets are missing.
func (r *receiver) poll() {
	switch {
	case r.sequencer.heldN > 0:
		r.polling = true
		_ = r.in.track.SetReadDeadline(time.Now().Add(repairPoll)) // it fails where Read will
	case r.polling:
		r.polling = false
		_ = r.in.track.SetReadDeadline(time.Time{})
	}
}

// follow makes the assembler that the packet's payload type asks for, and says
// whether there is one.
func (r *receiver) follow() bool {
	if r.assembler != nil && r.stats.PayloadType == r.rtp.PayloadType {
		return true
	}
	negotiated := r.in.track.Codec()
	codec := codecOf(negotiated.MimeType)
	if codec == capture.NoCodec {
		return false
	}
	r.nacks = slices.Contains(negotiated.RTCPFeedback, webrtc.RTCPFeedback{Type: "nack"})
	r.estimates = slices.Contains(negotiated.RTCPFeedback, estimateFeedback)
	r.stats.SSRC, r.stats.PayloadType = r.rtp.SSRC, r.rtp.PayloadType
	if r.assembler == nil || codec != r.stats.Codec {
		counts := pictureCounts{}
		if r.assembler != nil {
			counts = r.assembler.count
		}
		r.stats.Codec = codec
		r.assembler = newAssembler(codec, r.emit, r.viewer.keyframes.need)
		r.assembler.count = counts
	}
	return true
}

// extensions notes the playout delay and returns the capture time.
func (r *receiver) extensions() (captured time.Time) {
	if data := r.rtp.GetExtension(r.playoutDelayID); r.playoutDelayID != 0 && data != nil {
		var delay rtp.PlayoutDelayExtension
		if delay.Unmarshal(data) == nil {
			const unit = 10 * time.Millisecond
			r.stats.PlayoutDelay = PlayoutDelay{
				Seen: true, Min: time.Duration(delay.MinDelay) * unit, Max: time.Duration(delay.MaxDelay) * unit,
			}
		}
	}
	if data := r.rtp.GetExtension(r.captureTimeID); r.captureTimeID != 0 && data != nil {
		var at rtp.AbsCaptureTimeExtension
		if at.Unmarshal(data) == nil {
			captured = at.CaptureTime()
		}
	}
	return captured
}

// emit counts a complete picture and gives it to OnPicture.
func (r *receiver) emit(p Picture) {
	s := &r.stats
	switch {
	case p.Decodable:
		if s.FirstKeyframe.IsZero() {
			s.FirstKeyframe = p.Received
		} else {
			s.LongestGap = max(s.LongestGap, p.Received.Sub(s.LastPicture))
		}
		s.LastPicture, s.Size = p.Received, p.Size
		r.viewer.keyframes.came()
	case r.assembler.chain.broken():
		r.viewer.keyframes.need()
	}
	if h, ok := r.assembler.depacketizer.(*h264); ok && p.Keyframe {
		s.ProfileLevelID = h.sps.ProfileLevelID()
	}
	r.publish()
	if r.viewer.config.OnPicture != nil {
		r.viewer.config.OnPicture(p)
	}
}

func (r *receiver) publish() {
	s := &r.stats
	pictures, packets := r.assembler.count, r.sequencer.count
	s.Pictures, s.Keyframes, s.Undecodable = pictures.complete, pictures.keyframes, pictures.undecodable
	s.Incomplete, s.Malformed = pictures.incomplete, pictures.malformed
	s.PacketsReceived, s.PacketsLost, s.PacketsLate = packets.received, packets.lost, packets.late
	s.PacketsRepaired, s.PacketsReordered = packets.repaired, packets.reordered
	s.PacketsDuplicate, s.Restarts = packets.duplicates, packets.restarts
	r.viewer.publish(*s)
}

// readReports reads RTCP so that pion sees the sender's reports, without which
// ours would not let it measure the round trip. It ends with the
// PeerConnection.
func (r *receiver) readReports() {
	buffer := make([]byte, receiveMTU)
	for {
		if _, _, err := r.in.receiver.Read(buffer); err != nil {
			return
		}
	}
}

// requestRepair sends a NACK for what is due. For errors see requestKeyframe.
func (r *receiver) requestRepair(now time.Time) {
	if !r.nacks {
		return
	}
	due := r.nacker.due(&r.sequencer, now)
	if len(due) == 0 {
		return
	}
	r.stats.RepairRequests += uint64(len(due))
	_ = r.viewer.pc.WriteRTCP([]rtcp.Packet{&rtcp.TransportLayerNack{
		MediaSSRC: r.stats.SSRC, Nacks: rtcp.NackPairsFromSequenceNumbers(due),
	}})
}

// estimate takes a packet of so many bytes into the estimate and sends that when
// it is due. For errors see requestKeyframe.
func (r *receiver) estimate(now time.Time, bytes int, repair bool) {
	if !r.estimates {
		return
	}
	if repair {
		r.estimator.repaired(now, bytes)
		return
	}
	var sent rtp.AbsSendTimeExtension
	if data := r.rtp.GetExtension(r.sendTimeID); r.sendTimeID == 0 || data == nil || sent.Unmarshal(data) != nil {
		return
	}
	if estimate := r.estimator.receive(uint32(sent.Timestamp), now, bytes); estimate > 0 {
		r.stats.Estimate = capture.Bitrate(estimate)
		_ = r.viewer.pc.WriteRTCP([]rtcp.Packet{&rtcp.ReceiverEstimatedMaximumBitrate{
			Bitrate: float32(estimate), SSRCs: []uint32{r.stats.SSRC},
		}})
	}
}

// requestKeyframe sends one PLI. An error says that the connection is on its
// way down, which Run learns for itself.
func (r *receiver) requestKeyframe() {
	_ = r.viewer.pc.WriteRTCP([]rtcp.Packet{&rtcp.PictureLossIndication{MediaSSRC: uint32(r.in.track.SSRC())}})
}
