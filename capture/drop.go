package capture

import (
	"fmt"
	"sync/atomic"
)

// DropReason says why a picture that existed was not passed on.
type DropReason uint8

const (
	// DropLate is a Frame replaced by a newer one before its encoder was free.
	DropLate DropReason = iota
	// DropSkipped is a Frame that rate control chose not to encode.
	DropSkipped
	// DropSpared is a Frame left out to spare the CPU.
	DropSpared
	// DropFailed is a Frame that its encoder failed on.
	DropFailed
	// DropOverflow is an AccessUnit that a Subscription's reader came too late for.
	DropOverflow
	// DropAwaiting is an AccessUnit that a Subscription, or a coded Frame that
	// an encoder, cannot use before the next keyframe.
	DropAwaiting

	dropReasons = iota
)

// String returns the reason as a metric label.
func (r DropReason) String() string {
	switch r {
	case DropLate:
		return "late"
	case DropSkipped:
		return "skipped"
	case DropSpared:
		return "spared"
	case DropFailed:
		return "failed"
	case DropOverflow:
		return "overflow"
	case DropAwaiting:
		return "awaiting-keyframe"
	}
	return fmt.Sprintf("drop(%d)", uint8(r))
}

// Drops is how many pictures were dropped, by DropReason.
type Drops [dropReasons]uint64

// dropCounters is Drops as it is counted: any goroutine may add.
type dropCounters [dropReasons]atomic.Uint64

func (c *dropCounters) add(r DropReason, n int) { c[r].Add(uint64(n)) }

func (c *dropCounters) snapshot() (d Drops) {
	for i := range c {
		d[i] = c[i].Load()
	}
	return d
}
