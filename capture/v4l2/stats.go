package v4l2

import "sync/atomic"

// Stats counts what became of a Queue's pictures.
type Stats struct {
	Pictures uint64 // handed out by Next
	Skipped  uint64 // good, but older than the one handed out instead
	Broken   uint64 // flagged as erroneous by the driver
	Short    uint64 // with less data than the format needs, or none
	Lost     uint64 // missing in the driver's count: it had no buffer, or the bus lost them
	Starved  uint64 // times Next found every buffer held by readers
	Refused  uint64 // times the driver did not take a buffer back at once
	Undated  uint64 // with a timestamp that cannot be, or none
}

type counters struct {
	pictures, skipped, broken, short, lost, starved, refused, undated atomic.Uint64
}

func (c *counters) snapshot() Stats {
	return Stats{
		Pictures: c.pictures.Load(), Skipped: c.skipped.Load(), Broken: c.broken.Load(), Short: c.short.Load(),
		Lost: c.lost.Load(), Starved: c.starved.Load(), Refused: c.refused.Load(), Undated: c.undated.Load(),
	}
}

// Stats is a snapshot; any goroutine may take it.
func (q *Queue) Stats() Stats { return q.stats.snapshot() }
