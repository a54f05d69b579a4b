package viewer

import (
	"fmt"
	"strings"
	"sync/atomic"
	"time"
)

// moment is a time that is set once, by any goroutine.
type moment struct{ unixNano atomic.Int64 }

func (m *moment) set() { m.unixNano.CompareAndSwap(0, time.Now().UnixNano()) }

// time is zero before set.
func (m *moment) time() time.Time {
	if at := m.unixNano.Load(); at != 0 {
		return time.Unix(0, at)
	}
	return time.Time{}
}

// moments are those of a join that come before media.
type moments struct{ described, answered, checked, connected moment }

// Steps is where the time of a join goes: each from the end of the one before,
// which may be before it began.
type Steps[T any] struct {
	// Describe is until the peer's description is here, Answer until ours is
	// made.
	Describe T `json:"describe"`
	Answer   T `json:"answer"`
	// ICE is until a path is known to work, DTLS until the keys are agreed.
	ICE  T `json:"ice"`
	DTLS T `json:"dtls"`
	// Packet is until the first one of media, Keyframe until a whole keyframe.
	Packet   T `json:"packet"`
	Keyframe T `json:"keyframe"`
}

// Steps of the join, zero before its end.
func (s Stats) Steps() (d Steps[time.Duration]) {
	if s.FirstKeyframe.IsZero() {
		return d
	}
	last := s.Requested
	for _, step := range []struct {
		length *time.Duration
		end    time.Time
	}{
		{&d.Describe, s.Described},
		{&d.Answer, s.Answered},
		{&d.ICE, s.Checked},
		{&d.DTLS, s.Connected},
		{&d.Packet, s.FirstPacket},
		{&d.Keyframe, s.FirstKeyframe},
	} {
		// One that was not taken, or was told late by the library, ends with the
		// one before.
		if step.end.After(last) {
			*step.length, last = step.end.Sub(last), step.end
		}
	}
	return d
}

// sumUp makes percentiles of each step.
func sumUp(all []Steps[time.Duration]) (out Steps[Percentiles]) {
	of := func(step func(Steps[time.Duration]) time.Duration) Percentiles {
		lengths := make([]time.Duration, len(all))
		for i, s := range all {
			lengths[i] = step(s)
		}
		return percentiles(lengths)
	}
	type steps = Steps[time.Duration]
	out.Describe = of(func(s steps) time.Duration { return s.Describe })
	out.Answer = of(func(s steps) time.Duration { return s.Answer })
	out.ICE = of(func(s steps) time.Duration { return s.ICE })
	out.DTLS = of(func(s steps) time.Duration { return s.DTLS })
	out.Packet = of(func(s steps) time.Duration { return s.Packet })
	out.Keyframe = of(func(s steps) time.Duration { return s.Keyframe })
	return out
}

// medians is a line for a person.
func medians(s Steps[Percentiles]) string {
	var b strings.Builder
	for _, step := range []struct {
		name string
		p    Percentiles
	}{
		{"offer", s.Describe}, {"answer", s.Answer}, {"ICE", s.ICE}, {"DTLS", s.DTLS}, {"packet", s.Packet}, {"keyframe", s.Keyframe},
	} {
		if b.Len() > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "%s %.0f", step.name, step.p.P50)
	}
	return b.String()
}
