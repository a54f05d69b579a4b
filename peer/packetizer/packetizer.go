package packetizer

import (
	"encoding/binary"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/pion/rtp"
	"github.com/pushcam/pushcam/capture"
)

// ClockRate is the RTP clock of video in Hz (RFC 6184 section 8.2.1, RFC 7741
// section 6.1).
const ClockRate = 90000

// historyLength is how many packets can be sent again: about two seconds at
// 2 Mbit/s. A power of two, so that it divides the sequence number space.
const historyLength = 512

// Config is what a viewer's negotiation has settled.
type Config struct {
	Codec       capture.Codec
	PayloadType uint8
	SSRC        uint32
	// RTX: zero RTXSSRC means that lost packets are not sent again.
	RTXPayloadType uint8
	RTXSSRC        uint32
	// PlayoutDelay is the id of that header extension, 0 when the viewer does
	// not know it. See playoutDelayZero.
	PlayoutDelay uint8
}

// playoutDelayZero asks the viewer to show each picture at once: minimum and
// maximum delay 0, 12 bits each
// (http://www.webrtc.org/experiments/rtp-hdrext/playout-delay).
var playoutDelayZero = [3]byte{}

// WriteFunc sends one packet. It must not keep header or payload.
type WriteFunc func(header *rtp.Header, payload []byte) error

// Packetizer makes the RTP packets of one viewer. One goroutine calls
// Packetize and one, perhaps another, Resend.
type Packetizer struct {
	cfg    Config
	epoch  time.Time // the capture time at which the RTP clock reads offset
	offset uint32

	// Packetize's goroutine:
	next      uint16 // sequence number
	pictureID uint16
	out       assembly

	// Resend's goroutine:
	rtxNext uint16
	rtxOut  assembly

	mu   sync.Mutex
	sent [historyLength]packet
}

// assembly is where one goroutine puts a packet together.
type assembly struct {
	header  rtp.Header
	payload [MaxPayload + rtxHeaderSize]byte
}

// rtxHeaderSize is the original sequence number before a retransmitted payload
// (RFC 4588 section 4).
const rtxHeaderSize = 2

// packet is what it takes to make a packet again.
type packet struct {
	sequence  uint16
	pictureID uint16
	timestamp uint32
	first     bool
	last      bool
	keyframe  bool
	fragment  *capture.Fragment // nil: never sent
}

// New makes a Packetizer with random first sequence numbers and timestamp
// (RFC 3550 section 5.1). epoch may be any time near the first picture.
func New(cfg Config, epoch time.Time) *Packetizer {
	return &Packetizer{
		cfg:       cfg,
		epoch:     epoch,
		offset:    rand.Uint32(),
		next:      uint16(rand.Uint32()),
		rtxNext:   uint16(rand.Uint32()),
		pictureID: uint16(rand.Uint32()),
	}
}

// Timestamp is the RTP time of a moment on the capture clock.
func (p *Packetizer) Timestamp(t time.Time) uint32 {
	since := t.Sub(p.epoch)
	ticks := int64(since/time.Second)*ClockRate + int64(since%time.Second)*ClockRate/int64(time.Second)
	return p.offset + uint32(ticks)
}

// Packetize writes the packets of one picture and returns how many, and how
// many payload bytes, went out. It stops at the first error of write.
func (p *Packetizer) Packetize(au *capture.AccessUnit, write WriteFunc) (packets, bytes int, err error) {
	fragments := au.Fragments(Cut)
	timestamp := p.Timestamp(au.Time)
	p.pictureID++
	for i := range fragments {
		k := packet{
			sequence:  p.next,
			pictureID: p.pictureID,
			timestamp: timestamp,
			first:     i == 0,
			last:      i == len(fragments)-1,
			keyframe:  au.Keyframe,
			fragment:  &fragments[i],
		}
		p.next++
		p.mu.Lock()
		p.sent[k.sequence%historyLength] = k
		p.mu.Unlock()
		payload := p.payload(p.out.payload[:0], k)
		p.stamp(&p.out.header, k, p.cfg.PayloadType, p.cfg.SSRC, k.sequence)
		if err := write(&p.out.header, payload); err != nil {
			return packets, bytes, err
		}
		packets++
		bytes += len(payload)
	}
	return packets, bytes, nil
}

// Resend writes the packet with this sequence number again, as a
// retransmission packet (RFC 4588 section 4), and reports whether it could.
func (p *Packetizer) Resend(sequence uint16, write WriteFunc) (bool, error) {
	p.mu.Lock()
	k := p.sent[sequence%historyLength]
	p.mu.Unlock()
	if k.fragment == nil || k.sequence != sequence || p.cfg.RTXSSRC == 0 {
		return false, nil
	}
	payload := p.payload(binary.BigEndian.AppendUint16(p.rtxOut.payload[:0], sequence), k)
	p.stamp(&p.rtxOut.header, k, p.cfg.RTXPayloadType, p.cfg.RTXSSRC, p.rtxNext)
	p.rtxNext++
	return true, write(&p.rtxOut.header, payload)
}

func (p *Packetizer) payload(b []byte, k packet) []byte {
	if p.cfg.Codec == capture.VP8 {
		b = appendVP8Descriptor(b, k.first, k.pictureID)
	}
	b = append(b, k.fragment.Header[:k.fragment.HeaderN]...)
	return append(b, k.fragment.Payload...)
}

// stamp fills h. The playout delay goes with keyframes only: viewers
// hold on to the last one they saw, and each begins with a keyframe.
func (p *Packetizer) stamp(h *rtp.Header, k packet, payloadType uint8, ssrc uint32, sequence uint16) {
	*h = rtp.Header{
		Version:        2,
		PayloadType:    payloadType,
		SSRC:           ssrc,
		SequenceNumber: sequence,
		Timestamp:      k.timestamp,
		Marker:         k.last,
		Extensions:     h.Extensions[:0],
	}
	if k.keyframe && p.cfg.PlayoutDelay != 0 {
		// It fails for ids and sizes that are not ours only.
		_ = h.SetExtension(p.cfg.PlayoutDelay, playoutDelayZero[:])
	}
}
