package capture

import (
	"sync/atomic"
	"time"
)

// Stats counts what a Source has done since it was made.
type Stats struct {
	Frames          uint64        // read from the camera
	Slates          uint64        // drawn in its place
	AccessUnits     uint64        // encoded, by all encoders together
	Keyframes       uint64        // of those
	Encoding        time.Duration // scaling included
	Decoding        time.Duration // by the camera, of the Frames read
	Encoders        int           // running now
	EncoderFailures uint64
	Subscriptions   int // open now
	Drops           Drops
	// Efforts are those of the renditions in use that spare the CPU; Lowered
	// and Raised count the steps of all since the beginning.
	Efforts         map[Codec]Effort
	Lowered, Raised uint64
}

// counters is Stats as it is counted.
type counters struct {
	frames, slates, accessUnits, keyframes, encoderFailures atomic.Uint64
	lowered, raised                                         atomic.Uint64
	encoding, decoding                                      atomic.Int64 // ns
	encoders                                                atomic.Int64
	drops                                                   dropCounters
}

func (c *counters) encoded(au *AccessUnit, coded bool, took time.Duration) {
	c.encoding.Add(int64(took))
	switch {
	case au == nil && coded:
		c.drops.add(DropAwaiting, 1)
		return
	case au == nil:
		c.drops.add(DropSkipped, 1)
		return
	}
	c.accessUnits.Add(1)
	if au.Keyframe {
		c.keyframes.Add(1)
	}
}

// Stats is a snapshot; any goroutine may take it.
func (s *Source) Stats() Stats {
	s.mu.Lock()
	subscriptions := len(s.subscriptions)
	efforts := map[Codec]Effort{}
	for codec := range s.renditions {
		if effort := s.sparing[codec].effort; effort != (Effort{}) {
			efforts[codec] = effort
		}
	}
	s.mu.Unlock()
	c := &s.stats
	return Stats{
		Frames:          c.frames.Load(),
		Slates:          c.slates.Load(),
		AccessUnits:     c.accessUnits.Load(),
		Keyframes:       c.keyframes.Load(),
		Encoding:        time.Duration(c.encoding.Load()),
		Decoding:        time.Duration(c.decoding.Load()),
		Encoders:        int(c.encoders.Load()),
		EncoderFailures: c.encoderFailures.Load(),
		Subscriptions:   subscriptions,
		Drops:           c.drops.snapshot(),
		Efforts:         efforts,
		Lowered:         c.lowered.Load(),
		Raised:          c.raised.Load(),
	}
}
