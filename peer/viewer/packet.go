package viewer

import "time"

// packet is what the parts of a Viewer need to know of one RTP packet.
type packet struct {
	sequence  uint16
	timestamp uint32 // RTP, 90 kHz
	marker    bool
	// repair says that it came over the retransmission stream.
	repair   bool
	received time.Time
	// captured is the capture time that the sender claims, or zero.
	captured time.Time
	payload  []byte
}
