package signal

import (
	"log/slog"
	"sync"

	"golang.org/x/time/rate"
)

// Exchange is what all connections of one program share: where sessions come
// from, what the camera does, and which viewers' ids are in use. Any goroutine
// may use it. It owns nothing that needs closing.
type Exchange struct {
	sessions Sessions
	states   States
	log      *slog.Logger

	mu  sync.Mutex
	ids map[string]struct{} // each belongs to the one Conversation that lists it
}

// NewExchange returns an Exchange without conversations. The log gets what
// went wrong here with a viewer's session; nil drops it.
func NewExchange(sessions Sessions, states States, log *slog.Logger) *Exchange {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	return &Exchange{
		sessions: sessions,
		states:   states,
		log:      log,
		ids:      make(map[string]struct{}),
	}
}

// Outlet takes the messages of a Conversation to the other end of its
// connection.
type Outlet interface {
	// Send queues m and returns at once. Messages leave in the order of the
	// calls. What cannot be sent any more is dropped. Any goroutine calls it.
	Send(m Message)
}

// Converse begins the conversation on a new connection. The caller passes on
// what arrives, and ends it with Close. Of who, the ID is not used.
func (x *Exchange) Converse(out Outlet, who ViewerInfo, limits Limits) *Conversation {
	return &Conversation{
		exchange: x,
		out:      out,
		who:      who,
		limits:   limits,
		rate:     rate.NewLimiter(rate.Limit(limits.Rate), limits.Burst),
		strikes:  rate.NewLimiter(rate.Every(limits.StrikeEvery), limits.Strikes),
		viewers:  make(map[string]*viewer),
		drained:  make(chan struct{}),
	}
}

// claim takes id for a conversation, unless one has it.
func (x *Exchange) claim(id string) bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	if _, taken := x.ids[id]; taken {
		return false
	}
	x.ids[id] = struct{}{}
	return true
}

// release gives up an id that a conversation has claimed.
func (x *Exchange) release(id string) {
	x.mu.Lock()
	defer x.mu.Unlock()
	delete(x.ids, id)
}

// taken tells whether a conversation has id.
func (x *Exchange) taken(id string) bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	_, taken := x.ids[id]
	return taken
}
