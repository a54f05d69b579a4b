package viewer

import (
	"time"

	"github.com/pushcam/pushcam/capture"
)

// Stats says how a Viewer is doing, all since it was made. Times that have not
// come yet are zero.
type Stats struct {
	// At is when the snapshot was taken; a Viewer's own clock stops when its
	// Run ends.
	At time.Time
	// Requested comes from Config. Described is when the peer's description
	// came, Answered when our answer to it was made, Checked when ICE was done,
	// Connected when DTLS was too.
	Requested, Described, Answered, Checked, Connected time.Time
	// FirstPacket, FirstKeyframe and LastPicture are arrival times; the latter
	// two of complete, decodable pictures.
	FirstPacket, FirstKeyframe, LastPicture time.Time

	Codec capture.Codec
	// Size is that of the newest keyframe.
	Size capture.Size
	// ProfileLevelID is what the newest SPS says, "42e01f"; H264 only.
	ProfileLevelID string

	// Pictures counts complete ones, of which Keyframes are keyframes and
	// Undecodable came before the first keyframe, or refer to what is lost.
	// Incomplete ones miss packets; Malformed ones had
	// all, but break the rules of their payload format: they are among
	// Incomplete too.
	Pictures, Keyframes, Undecodable, Incomplete, Malformed uint64
	// LongestGap is the longest time between the arrivals of two decodable
	// pictures, or since the last: how long the picture stood still.
	LongestGap time.Duration

	// PacketsReceived counts every sequence number once, however it came.
	PacketsReceived uint64
	// PacketsLost never came, or (PacketsLate) only after they were given up.
	PacketsLost, PacketsLate uint64
	// PacketsRepaired were missing and came as a retransmission (RFC 4588),
	// PacketsReordered in the original stream.
	PacketsRepaired, PacketsReordered uint64
	// PacketsDuplicate came again.
	PacketsDuplicate uint64
	// Restarts counts jumps of the sequence number too large to be losses.
	Restarts uint64
	// Bytes counts whole RTP packets, retransmitted ones too, without what
	// SRTP, UDP and IP add.
	Bytes uint64

	// KeyframeRequests counts the PLIs sent, RepairRequests the packets that
	// NACKs asked for, once for each time.
	KeyframeRequests, RepairRequests uint64
	// Estimate is what it told the sender last that the path carries, 0 for
	// nothing.
	Estimate capture.Bitrate
	// PlayoutDelay is the newest one that the sender asked for.
	PlayoutDelay PlayoutDelay

	// SSRC and PayloadType are those of the pictures, RepairSSRC and
	// RepairPayloadType of the retransmissions seen; 0 is none yet.
	SSRC, RepairSSRC               uint32
	PayloadType, RepairPayloadType uint8
}

// PlayoutDelay is the playout-delay header extension.
type PlayoutDelay struct {
	Seen     bool
	Min, Max time.Duration
}

// JoinTime is the time from the request to the first complete keyframe, 0
// before there is one.
func (s Stats) JoinTime() time.Duration {
	if s.FirstKeyframe.IsZero() {
		return 0
	}
	return s.FirstKeyframe.Sub(s.Requested)
}

// FramesPerSecond is the rate of decodable pictures since the first keyframe.
func (s Stats) FramesPerSecond() float64 {
	return perSecond(float64(s.Pictures-s.Undecodable), s.FirstKeyframe, s.At)
}

// Bitrate is the rate of Bytes since the first packet.
func (s Stats) Bitrate() capture.Bitrate {
	return capture.Bitrate(perSecond(8*float64(s.Bytes), s.FirstPacket, s.At))
}

func perSecond(n float64, from, to time.Time) float64 {
	seconds := to.Sub(from).Seconds()
	if from.IsZero() || seconds <= 0 {
		return 0
	}
	return n / seconds
}
