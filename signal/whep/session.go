package whep

import (
	"context"

	"github.com/pushcam/pushcam/signal"
)

// Session is our side of one player. Its methods may be called from any
// goroutine. An error that is a *signal.Error is told to the player; the text
// of any other stays here.
type Session interface {
	// Accept takes the player's offer and returns the answer, with all
	// candidates in it. It is called once.
	Accept(ctx context.Context, offer string) (answer string, err error)
	// AddCandidate adds one of the player's candidates.
	AddCandidate(signal.Candidate) error
	// Restart takes the player's user name and password of an ICE restart
	// (RFC 8839 section 4.4.1.1), and returns the answer with ours and all
	// candidates. When it fails, everything is as before.
	Restart(ctx context.Context, user, password string) (answer string, err error)
	// Close ends the session and waits for what it owns. It is idempotent.
	Close() error
	// Done is closed when the session has ended, for whatever reason.
	Done() <-chan struct{}
}

// Sessions opens sessions. Its method may be called from any goroutine.
type Sessions interface {
	// Open makes a session for a player; its errors are as Session's.
	Open(ctx context.Context, viewer signal.ViewerInfo) (Session, error)
}
