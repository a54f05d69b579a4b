package signal

import "time"

// Limits of what one message may hold, in bytes. Everything a browser sends
// is far below them.
const (
	MaxMessage   = 64 << 10
	MaxSDP       = 48 << 10
	MaxID        = 128
	MaxCandidate = 1 << 10
	// MaxChoices is how many renditions Stats may list.
	MaxChoices = 8
)

// Limits is what one connection may ask for. The zero value allows nothing;
// start from DefaultLimits or RelayLimits.
type Limits struct {
	// IDs is how many viewers the connection may speak for at once.
	IDs int
	// Candidates is how many a viewer may send to one session.
	Candidates int
	// Rate is how many messages per second the connection may send for long,
	// Burst how many at once. What exceeds them is not looked at.
	Rate  float64
	Burst int
	// Strikes is how many bad messages are answered at once, and StrikeEvery
	// the time in which one of them is forgotten.
	Strikes     int
	StrikeEvery time.Duration
	// Forgiving connections outlive their strikes; what is bad beyond them is
	// dropped unanswered. For a relay, where one viewer's messages must not
	// cost another's picture.
	Forgiving bool
	// Open bounds the time from pull_start to the offer.
	Open time.Duration
	// Close bounds how long Conversation.Close waits for sessions to end.
	Close time.Duration
	// Stats is the time between two stats messages of one session, to who asks
	// for them.
	Stats time.Duration
	// State is the least time between two state messages of one session.
	State time.Duration
}

// DefaultLimits is for a connection from one viewer's page.
func DefaultLimits() Limits {
	return Limits{
		IDs:         8,
		Candidates:  100,
		Rate:        50,
		Burst:       300,
		Strikes:     10,
		StrikeEvery: time.Minute,
		Open:        30 * time.Second,
		Close:       2 * time.Second,
		Stats:       time.Second,
		State:       100 * time.Millisecond,
	}
}

// RelayLimits is for the one connection on which a relay brings this many
// viewers.
func RelayLimits(viewers int) Limits {
	l := DefaultLimits()
	l.IDs = viewers
	l.Rate *= 10
	l.Burst *= 10
	l.StrikeEvery = time.Second
	l.Forgiving = true
	return l
}
