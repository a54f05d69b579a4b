package packetizer

import (
	"encoding/binary"
	"time"

	"github.com/pion/rtp"
	"github.com/pushcam/pushcam/capture"
)

// Extensions are the RTP header extensions (RFC 8285) that the viewer knows:
// their ids, 0 for one that it does not.
type Extensions struct {
	// AbsSendTime (http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time)
	// is when a packet was sent: 24 bits, of which 18 are a fraction of a
	// second. The viewer estimates from it what its path carries.
	AbsSendTime uint8
	// AbsCaptureTime (http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time)
	// is when the picture was taken: an NTP timestamp of 64 bits.
	AbsCaptureTime uint8
	// PlayoutDelay (http://www.webrtc.org/experiments/rtp-hdrext/playout-delay)
	// is how long a picture may be held back before it is shown: minimum and
	// maximum, 12 bits each. We ask for none at all.
	PlayoutDelay uint8
	// MID (RFC 8843 section 15) says which m= section the packets belong to.
	MID      uint8
	MIDValue string
}

// extensionInterval is the longest time between two pictures with all
// extensions. Viewers interpolate capture times between them, over a few
// seconds at most.
const extensionInterval = time.Second

// extensions holds the headers of all packets, made once, and what they refer
// to: stamping a packet writes over these bytes.
//
// The send time goes with every packet. The others go with all packets of a
// keyframe, as each viewer begins with one and holds on to what it said, and
// of a picture once a second: so all packets of a picture have the same size,
// which segmentation offload asks for.
type extensions struct {
	usual, full rtp.Header
	last        time.Time // when full went out

	sendTime     [3]byte
	captureTime  [8]byte
	playoutDelay [3]byte
	mid          []byte
}

func (e *extensions) prepare(ids Extensions) {
	e.mid = []byte(ids.MIDValue)
	if len(e.mid) == 0 || len(e.mid) > 16 {
		ids.MID = 0 // it would not fit the one-byte form
	}
	e.usual.Version, e.full.Version = 2, 2
	set := func(h *rtp.Header, id uint8, value []byte) {
		if id > 0 && id < 15 {
			// It fails for ids and sizes that are not ours only.
			_ = h.SetExtension(id, value)
		}
	}
	set(&e.usual, ids.AbsSendTime, e.sendTime[:])
	set(&e.full, ids.AbsSendTime, e.sendTime[:])
	set(&e.full, ids.AbsCaptureTime, e.captureTime[:])
	set(&e.full, ids.PlayoutDelay, e.playoutDelay[:])
	set(&e.full, ids.MID, e.mid)
}

// due reports whether this picture goes with all extensions.
func (e *extensions) due(au *capture.AccessUnit, now time.Time) bool {
	if !au.Keyframe && now.Sub(e.last) < extensionInterval {
		return false
	}
	e.last = now
	return true
}

// header is that of a packet with this stamp. It is good until the next call.
func (e *extensions) header(s stamp) *rtp.Header {
	e.sendTime[0], e.sendTime[1], e.sendTime[2] = byte(s.sendTime>>16), byte(s.sendTime>>8), byte(s.sendTime)
	if !s.extensions {
		return &e.usual
	}
	binary.BigEndian.PutUint64(e.captureTime[:], s.captureTime)
	return &e.full
}

// NTPTime is seconds since 1900 in 32.32 bits fixed point (RFC 5905 section 6).
func NTPTime(t time.Time) uint64 {
	const since1900 = 2208988800 // the Unix epoch
	seconds := uint64(t.Unix() + since1900)
	fraction := uint64(t.Nanosecond()) << 32 / uint64(time.Second)
	return seconds<<32 | fraction
}

func absSendTime(now time.Time) uint32 { return uint32(NTPTime(now)>>14) & 0xffffff }

// absCaptureTime is the capture time as the wall clock has it now, so that it
// agrees with the sender reports also after somebody has set that clock.
func absCaptureTime(captured, now time.Time) uint64 {
	return NTPTime(now.Add(captured.Sub(now)))
}
