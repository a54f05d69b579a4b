package packetizer

import (
	"encoding/binary"
	"math/rand/v2"
	"time"

	"github.com/pion/rtp"
	"github.com/pushcam/pushcam/capture"
)

// ClockRate is the RTP clock of video in Hz (RFC 6184 section 8.2.1, RFC 7741
// section 6.1).
const ClockRate = 90000

// Config is what a viewer's negotiation has settled.
type Config struct {
	Codec       capture.Codec
	PayloadType uint8
	SSRC        uint32
	// RTX: zero RTXSSRC means that the viewer knows no RFC 4588.
	RTXPayloadType uint8
	RTXSSRC        uint32
	Extensions     Extensions
}

// WriteFunc sends one packet. It must not keep header or payload.
type WriteFunc func(header *rtp.Header, payload []byte) error

// Packetizer makes the RTP packets of one viewer. One goroutine uses it.
type Packetizer struct {
	cfg    Config
	epoch  time.Time // the capture time at which the RTP clock reads offset
	offset uint32

	next    uint16 // sequence number
	rtxNext uint16
	vp8     vp8Stamp
	sent    history
	repeats repeats

	extensions extensions
	payload    [rtxHeaderSize + MaxPayload]byte
}

// rtxHeaderSize is the original sequence number before a retransmitted payload
// (RFC 4588 section 4).
const rtxHeaderSize = 2

// stamp is what all packets of one picture have in common for this viewer. With
// the AccessUnit it is all that it takes to make them again.
type stamp struct {
	timestamp   uint32
	vp8         vp8Stamp
	extensions  bool   // all, not only what goes with every picture
	sendTime    uint32 // abs-send-time
	captureTime uint64 // abs-capture-time
}

// New makes a Packetizer with random first sequence numbers and timestamp
// (RFC 3550 section 5.1). epoch may be any time near the first picture.
func New(cfg Config, epoch time.Time) *Packetizer {
	p := &Packetizer{
		cfg:     cfg,
		epoch:   epoch,
		offset:  rand.Uint32(),
		next:    uint16(rand.Uint32()),
		rtxNext: uint16(rand.Uint32()),
		vp8:     vp8Stamp{pictureID: uint16(rand.Uint32()), base: uint8(rand.Uint32())},
		repeats: repeats{budget: mostRepeats},
	}
	p.extensions.prepare(cfg.Extensions)
	return p
}

// Timestamp is the RTP time of a moment on the capture clock. Any goroutine may
// ask.
func (p *Packetizer) Timestamp(t time.Time) uint32 {
	since := t.Sub(p.epoch)
	ticks := int64(since/time.Second)*ClockRate + int64(since%time.Second)*ClockRate/int64(time.Second)
	return p.offset + uint32(ticks)
}

// Next is the sequence number of the next packet.
func (p *Packetizer) Next() uint16 { return p.next }

// Packetize writes the packets of one picture, at the time now, and returns how
// many, and how many payload bytes, went out. It stops at the first error of
// write; the packets not written can be asked for as if they were lost.
func (p *Packetizer) Packetize(au *capture.AccessUnit, now time.Time, write WriteFunc) (packets, bytes int, err error) {
	fragments := au.Fragments(Cut)
	if len(fragments) == 0 {
		return 0, 0, nil
	}
	p.vp8 = p.vp8.next(au)
	s := stamp{
		timestamp:   p.Timestamp(au.Time),
		vp8:         p.vp8,
		extensions:  p.extensions.due(au, now),
		sendTime:    absSendTime(now),
		captureTime: absCaptureTime(au.Time, now),
	}
	first := p.next
	p.next += uint16(len(fragments))
	p.sent.add(picture{first: first, count: uint16(len(fragments)), stamp: s, au: au})
	for i := range fragments {
		payload := p.fill(p.payload[:0], s, fragments, i)
		if err = p.write(write, s, first+uint16(i), i == len(fragments)-1, payload); err != nil {
			break
		}
		packets++
		bytes += len(payload)
	}
	p.repeats.earn(bytes)
	return packets, bytes, err
}

// fill appends the payload of a picture's packet i.
func (p *Packetizer) fill(b []byte, s stamp, fragments []capture.Fragment, i int) []byte {
	if p.cfg.Codec == capture.VP8 {
		b = appendVP8Descriptor(b, i == 0, s.vp8)
	}
	f := &fragments[i]
	b = append(b, f.Header[:f.HeaderN]...)
	return append(b, f.Payload...)
}

func (p *Packetizer) write(write WriteFunc, s stamp, sequence uint16, last bool, payload []byte) error {
	h := p.extensions.header(s)
	h.PayloadType, h.SSRC = p.cfg.PayloadType, p.cfg.SSRC
	h.SequenceNumber, h.Timestamp, h.Marker = sequence, s.timestamp, last
	return write(h, payload)
}

// writeRTX is write for a payload that begins with the original sequence
// number (RFC 4588 section 4).
func (p *Packetizer) writeRTX(write WriteFunc, s stamp, last bool, payload []byte) error {
	h := p.extensions.header(s)
	h.PayloadType, h.SSRC = p.cfg.RTXPayloadType, p.cfg.RTXSSRC
	h.SequenceNumber, h.Timestamp, h.Marker = p.rtxNext, s.timestamp, last
	p.rtxNext++
	return write(h, payload)
}

// resend writes packet i of k again.
func (p *Packetizer) resend(k *picture, i int, now time.Time, write WriteFunc) (bytes int, err error) {
	fragments := k.au.Fragments(Cut)
	last, sequence := i == len(fragments)-1, k.first+uint16(i)
	if p.cfg.RTXSSRC == 0 {
		// The same packet once more. To the last bit: the cipher's key stream
		// and nonce come from its sequence number, and protect one content.
		payload := p.fill(p.payload[:0], k.stamp, fragments, i)
		return len(payload), p.write(write, k.stamp, sequence, last, payload)
	}
	s := k.stamp
	s.sendTime = absSendTime(now)
	payload := p.fill(binary.BigEndian.AppendUint16(p.payload[:0], sequence), s, fragments, i)
	return len(payload), p.writeRTX(write, s, last, payload)
}
