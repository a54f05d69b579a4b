package udp

import "sync/atomic"

// Stats is what went through a Conn so far.
type Stats struct {
	// Way is how Batches are sent.
	Way Way
	// Packets and Bytes (of UDP payload) were taken by the kernel, within so
	// many Calls.
	Packets, Bytes, Calls uint64
	// Late are packets that had to wait until the full socket had room, Full
	// those that were dropped because they waited too long or had no Batch to
	// wait with, Failed those that the system refused for another reason: no
	// way there, a firewall.
	Late, Full, Failed uint64
	// Unsegmented is how many Routes lead through a device that cannot segment.
	Unsegmented uint64
}

// counters are what Stats is made of.
type counters struct {
	packets, bytes, calls, late, full, failed, unsegmented atomic.Uint64
}

func (c *counters) sent(packets, bytes int) {
	c.packets.Add(uint64(packets))
	c.bytes.Add(uint64(bytes))
}

// lost counts packets that were not sent; route may be nil.
func (c *counters) lost(route *Route, packets int, full bool) {
	if full {
		c.full.Add(uint64(packets))
	} else {
		c.failed.Add(uint64(packets))
	}
	if route != nil {
		route.dropped.Add(uint64(packets))
	}
}

// Stats is a snapshot, cheap enough to be taken every second.
func (c *Conn) Stats() Stats {
	n := &c.counts
	return Stats{
		Way:     Way(c.way.Load()),
		Packets: n.packets.Load(), Bytes: n.bytes.Load(), Calls: n.calls.Load(),
		Late: n.late.Load(), Full: n.full.Load(), Failed: n.failed.Load(), Unsegmented: n.unsegmented.Load(),
	}
}
