package peertest

import (
	"time"

	"github.com/pushcam/pushcam/capture"
)

// Conditions is what one direction of a path does to packets. The zero value
// passes all of them at once.
type Conditions struct {
	// Down loses everything, as a cable pulled out does.
	Down bool
	// Loss is the share of packets that get lost at random, 0 to 1.
	Loss float64
	// Rate is how much passes, IP and UDP headers included; 0 is any. What is
	// over it waits, up to Queue bytes, and what finds the queue full is lost.
	// After a pause Burst bytes pass at once; one packet always does.
	Rate         capture.Bitrate
	Queue, Burst int
	// Delay is how long every packet takes, Jitter how much longer it may
	// take at random. Neither changes the order.
	Delay, Jitter time.Duration
	// Reorder is the share of packets that take ReorderBy longer at random,
	// and let those behind them pass.
	Reorder   float64
	ReorderBy time.Duration
}

// back are those of the other direction: as long and as lossy, but a viewer says
// so little that there is always room for it.
func (c Conditions) back() Conditions {
	return Conditions{Down: c.Down, Loss: c.Loss, Delay: c.Delay, Jitter: c.Jitter}
}

// ipOverhead is what IPv4 and UDP put before a datagram.
const ipOverhead = 20 + 8

// bucket lets Rate bits per second pass.
type bucket struct {
	tokens float64 // bytes
	filled time.Time
}

// fill adds what has come since the last time.
func (b *bucket) fill(c Conditions, now time.Time, packet int) {
	if !b.filled.IsZero() {
		b.tokens += now.Sub(b.filled).Seconds() * float64(c.Rate) / 8
	}
	b.filled = now
	b.tokens = min(b.tokens, float64(max(c.Burst, packet)))
}

// take takes the packet's bytes out, or says how long it has to wait.
func (b *bucket) take(c Conditions, packet int) (wait time.Duration) {
	missing := float64(packet) - b.tokens
	// What a nanosecond brings is less than the rounding of the sums.
	if missing > float64(c.Rate)/8e9 {
		return time.Duration(missing*8/float64(c.Rate)*float64(time.Second)) + time.Nanosecond
	}
	b.tokens -= float64(packet)
	return 0
}
