package whep

import "time"

// maxBody bounds each request's body, in bytes. What players send is a tenth.
const maxBody = 64 << 10

// Limits is what players may ask for. The zero value allows nothing; start from
// DefaultLimits.
type Limits struct {
	// Sessions is how many one address may have at once; for IPv6 one network
	// of 64 bits. This machine's own may have any number: who comes from there
	// may be a proxy, and speak for many.
	Sessions int
	// Candidates is how many a player may send for one ICE session.
	Candidates int
	// Restarts is how many ICE restarts may come at once, RestartEvery the time
	// after which there may be one more.
	Restarts     int
	RestartEvery time.Duration
	// Streams is how many event streams a session may have.
	Streams int
	// Body bounds the time in which a request's body comes, Answer that in
	// which an answer is made, Write that in which an event is taken.
	Body, Answer, Write time.Duration
	// Close bounds how long Handler.Close waits for sessions to end.
	Close time.Duration
}

// DefaultLimits are far above what players need.
func DefaultLimits() Limits {
	return Limits{
		Sessions:     32,
		Candidates:   100,
		Restarts:     5,
		RestartEvery: 5 * time.Second,
		Streams:      4,
		Body:         10 * time.Second,
		Answer:       15 * time.Second,
		Write:        10 * time.Second,
		Close:        time.Second,
	}
}

// How long to wait before asking again, in seconds: for a place, and for a
// camera that is tried again every few seconds.
const (
	retryFull   = "10"
	retryCamera = "5"
	retrySoon   = "2"
)
