package packetizer

import (
	"fmt"
	"time"
)

// Outcome is what became of a packet that was asked for again.
type Outcome uint8

const (
	// Repeated: it was sent again.
	Repeated Outcome = iota
	// NeverSent: there is no such packet.
	NeverSent
	// Superseded: it came before the last keyframe, with which a viewer needs
	// nothing older.
	Superseded
	// TooOld: it is gone, and nothing but a keyframe can take its place.
	TooOld
	// TooSoon: it was sent again just now, and may be on its way.
	TooSoon
	// OverBudget: too much was sent again already.
	OverBudget
)

// String names the outcome for logs and tests.
func (o Outcome) String() string {
	switch o {
	case Repeated:
		return "repeated"
	case NeverSent:
		return "never sent"
	case Superseded:
		return "superseded"
	case TooOld:
		return "too old"
	case TooSoon:
		return "too soon"
	case OverBudget:
		return "over budget"
	}
	return fmt.Sprintf("outcome(%d)", uint8(o))
}

// A viewer may have as much sent again as earns the pictures' bytes divided by
// repeatShare, and mostRepeats bytes of that at once: enough for three packets
// lost in ten, and for a burst of fifty. More would only fill a path that is
// full, and take from the others' uplink.
const (
	repeatShare = 2
	mostRepeats = 64 << 10
)

// leastRoundTrip holds before a viewer's round trip is known.
const leastRoundTrip = 10 * time.Millisecond

// repeats bounds what is sent again: by a token bucket that pictures fill, and
// to once within a round trip.
type repeats struct {
	budget int // bytes
	recent [128]struct {
		sequence uint16
		at       time.Duration // since the Packetizer's epoch; 0: never
	} // by sequence
}

func (r *repeats) earn(bytes int) { r.budget = min(r.budget+bytes/repeatShare, mostRepeats) }

// allows reports whether the packet may go again now.
func (r *repeats) allows(sequence uint16, now, roundTrip time.Duration) Outcome {
	recent := &r.recent[int(sequence)%len(r.recent)]
	// A viewer asks again after what it takes for a round trip; its time and
	// ours differ a little.
	pause := max(leastRoundTrip, roundTrip*3/4)
	switch {
	case recent.sequence == sequence && recent.at != 0 && now-recent.at < pause:
		return TooSoon
	case r.budget <= 0:
		return OverBudget
	}
	recent.sequence, recent.at = sequence, now
	return Repeated
}

// Resend writes the packet with this sequence number again, unless there is a
// reason not to: over RTX (RFC 4588) where the viewer knows it, else the very
// same packet. roundTrip is the viewer's, 0 while that is not known.
func (p *Packetizer) Resend(sequence uint16, now time.Time, roundTrip time.Duration, write WriteFunc) (Outcome, error) {
	k, i, outcome := p.sent.find(sequence)
	if outcome == Repeated {
		outcome = p.repeats.allows(sequence, now.Sub(p.epoch), roundTrip)
	}
	if outcome != Repeated {
		return outcome, nil
	}
	bytes, err := p.resend(k, i, now, write)
	p.repeats.budget -= bytes
	return Repeated, err
}
