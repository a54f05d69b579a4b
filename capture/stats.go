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
	Encoding        DurationStats // of each picture, scaling included
	Decoding        time.Duration // by the camera, of the Frames read
	Encoders        int           // running now
	EncoderFailures uint64
	Subscriptions   int // open now
	Drops           Drops
	// Renditions are those in use: cheapest codec first, and larger pictures
	// before smaller ones.
	Renditions []RenditionStats
	// Lowered and Raised count the steps of all Efforts.
	Lowered, Raised uint64
}

// RenditionStats is one rendition as it is now.
type RenditionStats struct {
	Codec     Codec
	Rung      Rung
	Size      Size    // of the last picture; zero before the first
	Bitrate   Bitrate // that the encoder is set to, 0 before its first picture
	FrameRate float64 // of the last pictures, per second; 0 before the first
	Readers   int     // Subscriptions that are read, or wait to be moved here
	Effort    Effort
}

// counters is Stats as it is counted.
type counters struct {
	frames, slates, accessUnits, keyframes, encoderFailures atomic.Uint64
	lowered, raised                                         atomic.Uint64
	encoding                                                Durations
	decoding                                                atomic.Int64 // ns
	encoders                                                atomic.Int64
	drops                                                   dropCounters
}

func (c *counters) encoded(au *AccessUnit, coded bool, took time.Duration) {
	c.encoding.Add(took)
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
	var renditions []RenditionStats
	for _, r := range s.inUseLocked() {
		renditions = append(renditions, r.stats())
	}
	s.mu.Unlock()
	c := &s.stats
	return Stats{
		Frames:          c.frames.Load(),
		Slates:          c.slates.Load(),
		AccessUnits:     c.accessUnits.Load(),
		Keyframes:       c.keyframes.Load(),
		Encoding:        c.encoding.Stats(),
		Decoding:        time.Duration(c.decoding.Load()),
		Encoders:        int(c.encoders.Load()),
		EncoderFailures: c.encoderFailures.Load(),
		Subscriptions:   subscriptions,
		Drops:           c.drops.snapshot(),
		Renditions:      renditions,
		Lowered:         c.lowered.Load(),
		Raised:          c.raised.Load(),
	}
}

func (r *rendition) stats() RenditionStats {
	r.mu.Lock()
	defer r.mu.Unlock()
	out := RenditionStats{
		Codec: r.codec, Rung: r.rung, Size: r.size, Bitrate: Bitrate(r.bitrate.Load()),
		Readers: len(r.readers), Effort: r.thrift.effort(),
	}
	if r.interval > 0 {
		out.FrameRate = float64(time.Second) / float64(r.interval)
	}
	return out
}

// note keeps what stats tells of the last picture. r.mu is held.
func (r *rendition) note(au *AccessUnit) {
	passed := au.Time.Sub(r.at)
	r.size, r.at = au.Size, au.Time
	switch {
	case passed <= 0 || passed > 2*time.Second: // the first, or after a pause
		r.interval = 0
	case r.interval == 0:
		r.interval = passed
	default:
		r.interval += (passed - r.interval) / 8
	}
}
