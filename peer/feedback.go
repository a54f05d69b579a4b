package peer

import (
	"io"
	"sync"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/transport/v4/packetio"
	"github.com/pushcam/pushcam/capture"
	"github.com/pushcam/pushcam/peer/packetizer"
)

// inboxLength bounds the feedback that waits for the shard; more comes only
// from viewers that mean harm.
const inboxLength = 256

// maxEstimate is more than any path carries, in bit/s, and fits any integer.
const maxEstimate = 1e12

// feedbackKind says what a feedback is about.
type feedbackKind uint8

const (
	// feedbackNACK: packets are asked for again.
	feedbackNACK feedbackKind = iota
	// feedbackReport: what came of the packets.
	feedbackReport
	// feedbackEstimate: what the viewer thinks that its path carries.
	feedbackEstimate
)

// feedback is one thing that the viewer tells, on its way to the shard.
type feedback struct {
	kind     feedbackKind
	at       time.Time            // when it came
	nack     rtcp.NackPair        // feedbackNACK
	report   rtcp.ReceptionReport // feedbackReport
	estimate capture.Bitrate      // feedbackEstimate
}

// hear takes what the viewer tells. It is called by the goroutine that decrypts
// it, so it counts and posts only.
func (v *sending) hear(packet []byte, at time.Time) {
	packets, err := rtcp.Unmarshal(packet)
	if err != nil {
		return // not ours to judge; nothing depends on it
	}
	c := &v.session.counters
	for _, p := range packets {
		switch p := p.(type) {
		case *rtcp.PictureLossIndication:
			c.pli.Add(1)
			v.wantKeyframe(at)
		case *rtcp.FullIntraRequest:
			c.fir.Add(1)
			v.wantKeyframe(at)
		case *rtcp.TransportLayerNack:
			for _, pair := range p.Nacks {
				v.tell(feedback{kind: feedbackNACK, at: at, nack: pair})
			}
		case *rtcp.ReceiverReport:
			for _, r := range p.Reports {
				if r.SSRC == v.ssrc {
					v.tell(feedback{kind: feedbackReport, at: at, report: r})
				}
			}
		case *rtcp.ReceiverEstimatedMaximumBitrate:
			v.tell(feedback{kind: feedbackEstimate, at: at, estimate: capture.Bitrate(min(p.Bitrate, maxEstimate))})
		}
	}
}

// tell passes f to the shard.
func (v *sending) tell(f feedback) {
	v.mu.Lock()
	h := v.shard
	full := len(v.inbox) == inboxLength
	if !full {
		v.inbox = append(v.inbox, f)
	}
	v.mu.Unlock()
	if h != nil {
		h.post(v)
	}
}

// heard takes what has come.
func (v *sending) heard() []feedback {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.inbox, v.pending = v.pending[:0], v.inbox
	return v.pending
}

// heed acts on what the viewer tells. The shard's goroutine calls it, so it may
// use all that is the shard's.
func (v *sending) heed(f feedback, now time.Time) {
	switch f.kind {
	case feedbackNACK:
		v.answer(f.nack, now)
	case feedbackReport:
		rtt := roundTrip(f.at, f.report.LastSenderReport, f.report.Delay)
		v.session.counters.received(f.report, rtt)
		v.governReport(f.report, rtt, f.at)
	case feedbackEstimate:
		v.governing.governor.REMB(f.at, f.estimate)
	}
}

// answer sends the packets that are asked for (RFC 4585 section 6.2.1).
func (v *sending) answer(nack rtcp.NackPair, now time.Time) {
	v.governNACK(nack, now)
	nack.Range(func(sequence uint16) bool { return v.resend(sequence, now) })
}

// resend sends one packet again and reports whether to go on with the next.
func (v *sending) resend(sequence uint16, now time.Time) bool {
	c := &v.session.counters
	c.nack.Add(1)
	if !v.governing.selector.Skipping().IsZero() {
		c.drops.add(DropRefused, 1) // a keyframe comes, when the path has room
		return true
	}
	outcome, err := v.packetizer.Resend(sequence, now, time.Duration(c.roundTrip.Load()), v.write)
	switch outcome {
	case packetizer.Repeated:
		if err == nil {
			c.resent.Add(1)
			v.governing.governor.Resent(packetizer.MaxPayload)
		}
	case packetizer.TooOld:
		c.drops.add(DropRefused, 1)
		v.wantKeyframe(now)
	case packetizer.TooSoon, packetizer.OverBudget:
		c.drops.add(DropRefused, 1)
	case packetizer.NeverSent, packetizer.Superseded:
	}
	return err == nil
}

// listeners are who hears the RTCP packets that come for an SSRC: instead of
// storing them for somebody to read, the library gives each at once.
type listeners struct {
	mu       sync.Mutex
	expected map[uint32]*sending // by their SSRC
}

// expect has v hear what comes for its SSRC. It reports false when somebody
// else is expected under the same random number.
func (l *listeners) expect(v *sending) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.expected == nil {
		l.expected = map[uint32]*sending{}
	}
	if l.expected[v.ssrc] != nil {
		return false
	}
	l.expected[v.ssrc] = v
	return true
}

// forget undoes expect.
func (l *listeners) forget(v *sending) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.expected[v.ssrc] == v {
		delete(l.expected, v.ssrc)
	}
}

// buffer is the library's buffer factory: it is asked once for each SSRC of
// each connection. What is sent to an SSRC that is not ours, and any RTP, is
// thrown away. A connection takes its listener when it comes up, so that nobody
// speaks for another one's viewer.
func (l *listeners) buffer(kind packetio.BufferPacketType, ssrc uint32) io.ReadWriteCloser {
	l.mu.Lock()
	defer l.mu.Unlock()
	v := l.expected[ssrc]
	if kind != packetio.RTCPBufferPacket || v == nil {
		return ear{}
	}
	delete(l.expected, ssrc)
	return ear{v}
}

// ear is the library's buffer for one SSRC. It keeps nothing, so there is
// nothing to read.
type ear struct{ v *sending } // nil: deaf

var _ io.ReadWriteCloser = ear{}

// Write implements io.Writer.
func (e ear) Write(packet []byte) (int, error) {
	if e.v != nil {
		e.v.hear(packet, time.Now())
	}
	return len(packet), nil
}

// Read implements io.Reader.
func (ear) Read([]byte) (int, error) { return 0, io.EOF }

// Close implements io.Closer.
func (ear) Close() error { return nil }
