package peer

import (
	"fmt"
	"sync/atomic"

	"github.com/pushcam/pushcam/capture"
)

// DropReason says why a Session did not send what there was to send.
type DropReason uint8

const (
	// DropOverflow is a picture that the Session came too late for.
	DropOverflow DropReason = iota
	// DropAwaiting is a picture that is of no use before the next keyframe.
	DropAwaiting
	// DropLayer is a picture of a layer above what the viewer's path carries.
	DropLayer
	// DropFull is a packet that a full socket, or the full queue of a viewer
	// over TCP, refused.
	DropFull
	// DropRefused is a packet that was asked for again and not sent again.
	DropRefused

	dropReasons = iota
)

// String returns the reason as a metric label.
func (r DropReason) String() string {
	switch r {
	case DropOverflow:
		return "overflow"
	case DropAwaiting:
		return "awaiting-keyframe"
	case DropLayer:
		return "layer"
	case DropFull:
		return "full"
	case DropRefused:
		return "retransmission-refused"
	}
	return fmt.Sprintf("drop(%d)", uint8(r))
}

// Drops is how many pictures or packets were dropped, by DropReason.
type Drops [dropReasons]uint64

// dropCounters is Drops as it is counted.
type dropCounters [dropReasons]atomic.Uint64

func (c *dropCounters) add(r DropReason, n uint64) { c[r].Add(n) }

// snapshot adds what a Subscription counts by itself.
func (c *dropCounters) snapshot(s *capture.Subscription) (d Drops) {
	for i := range c {
		d[i] = c[i].Load()
	}
	if s != nil {
		of := s.Drops()
		d[DropOverflow] += of[capture.DropOverflow]
		d[DropAwaiting] += of[capture.DropAwaiting]
	}
	return d
}
