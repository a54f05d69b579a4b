package capture

import (
	"fmt"
	"math"
	"strings"
	"sync/atomic"
	"time"
)

// ThriftConfig is what a Source needs to spare the CPU. It does so with the zero
// value, too, by what it measures itself.
type ThriftConfig struct {
	// MaxCores is how many cores the process may keep busy, 0 for no limit. It
	// needs a Machine.
	MaxCores float64
	// Cores is how many there are; 0 for as many as Go uses.
	Cores int
	// Presets are, of each encoder that has some, the chosen one and then those
	// that cost less.
	Presets map[Codec][]Preset
	// Machine may be nil.
	Machine Machine
}

// sparing is how a rendition spares the CPU; the zero value does not.
type sparing struct {
	effort Effort
	why    cause
	size   Size    // of its pictures, when it last moved
	rate   float64 // of them per second
}

// economy is what is known of a rendition's costs. It outlives the rendition,
// so that who comes back soon need not wait for the right Effort again.
type economy struct {
	now atomic.Pointer[sparing] // never nil

	// of the steward's goroutine
	thrift *thrift   // nil before the first look
	active time.Time // when pictures were encoded last
}

func newEconomy() *economy {
	e := &economy{}
	e.now.Store(&sparing{})
	return e
}

func (e *economy) effort() Effort { return e.now.Load().effort }

// spare changes how a rendition spares, and tells.
func (s *Source) spare(e *economy, now sparing) {
	if *e.now.Swap(&now) == now {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.publishStatus()
}

// setWeak records whether the power supply is too weak.
func (s *Source) setWeak(weak bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.weak != weak {
		s.weak = weak
		s.publishStatus()
	}
}

// sparedLocked says in words what the pictures are less than was asked for, and
// why; "" when they are not.
func (s *Source) sparedLocked() string {
	var parts []string
	for _, r := range s.inUseLocked() {
		spared := *r.economy.now.Load()
		if spared == (sparing{}) {
			continue
		}
		text := spared.words(s.cfg.Thrift.MaxCores)
		if len(s.renditions) > 1 {
			text = r.renditionKey.String() + ": " + text
		}
		parts = append(parts, text)
	}
	if s.weak {
		parts = append(parts, "the power supply is too weak (under-voltage)")
	}
	return strings.Join(parts, "; ")
}

// words is like "640x360 at 15 fps to spare the CPU".
func (s sparing) words(maxCores float64) string {
	what := "encoder preset " + s.effort.Preset
	if s.effort.Halvings > 0 || s.effort.every() > 1 {
		what = fmt.Sprintf("%v at %v fps", s.size, math.Round(s.rate))
	}
	switch s.why {
	case causeCap:
		return fmt.Sprintf("%s to use no more than %v cores", what, maxCores)
	case causeHeat:
		return what + " to cool the processor"
	case noCause, causeSlow, causeDecoding, causeEase:
	}
	return what + " to spare the CPU"
}
