package ws

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"

	"github.com/pushcam/pushcam/signal"
)

// announceEvery is how often a relay is told who the pusher is: it forgets
// that, silently, whenever any socket closes, and what viewers say meanwhile
// is lost.
const announceEvery = 2 * time.Second

// relayQueue is how many messages may wait for the relay to read them.
const relayQueue = 4096

// RelayConfig is what a Relay can be told.
type RelayConfig struct {
	// URL is the relay's: ws://host:1990/any/path, or wss.
	URL string
	// Viewers is how many ids the relay's viewers may use at once. It should
	// be a few more than the sessions allowed: then one viewer too many is
	// told so by the exchange.
	Viewers int
	// Log gets a line when the relay is reached and when it is lost; nil
	// drops it.
	Log *slog.Logger
	// Dial opens the connection; nil is net.Dialer's way.
	Dial func(ctx context.Context, network, addr string) (net.Conn, error)
}

// Relay is a pusher's place at an existing relay. Run it once.
type Relay struct {
	exchange *signal.Exchange
	url      string
	limits   signal.Limits
	log      *slog.Logger
	dial     dialFunc
	out      relayOutlet

	// Owned by Run.
	backoff backoff
	quiet   bool // the log knows that the relay is not there
}

// NewRelay returns a Relay that brings viewers to exchange.
func NewRelay(exchange *signal.Exchange, config RelayConfig) (*Relay, error) {
	if err := checkURL(config.URL); err != nil {
		return nil, fmt.Errorf("relay: %w", err)
	}
	r := &Relay{
		exchange: exchange,
		url:      config.URL,
		limits:   signal.RelayLimits(config.Viewers),
		log:      config.Log,
		dial:     config.Dial,
	}
	if r.log == nil {
		r.log = slog.New(slog.DiscardHandler)
	}
	return r, nil
}

// Run keeps the connection to the relay until ctx is done; then the viewers
// are told, and Run returns nil when their sessions are closed, or an error if
// some would not. Sessions outlive a lost connection: their pictures do not go
// through the relay.
func (r *Relay) Run(ctx context.Context) error {
	conversation := r.exchange.Converse(&r.out, signal.ViewerInfo{RemoteAddr: r.url}, r.limits)
	for ctx.Err() == nil {
		r.attend(ctx, conversation)
	}
	if err := conversation.Close(nil); err != nil {
		return fmt.Errorf("relay %s: %w", r.url, err)
	}
	return nil
}

// attend connects once, stays as long as that lasts, and waits for the time of
// the next attempt.
func (r *Relay) attend(ctx context.Context, conversation *signal.Conversation) {
	begin := time.Now()
	why := r.connect(ctx, conversation)
	if ctx.Err() != nil {
		return
	}
	if time.Since(begin) > backoffMax {
		r.backoff.reset()
	}
	wait := r.backoff.next()
	level := slog.LevelWarn
	if r.quiet {
		level = slog.LevelDebug
	}
	r.quiet = true
	r.log.Log(ctx, level, "relay not connected", "url", r.url, "why", why, "retry", wait.Round(time.Millisecond))

	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// connect returns why there is no connection any more.
func (r *Relay) connect(ctx context.Context, conversation *signal.Conversation) (why string) {
	socket, err := dial(ctx, r.dial, r.url, DialOptions{})
	if err != nil {
		return err.Error()
	}
	r.log.Info("relay connected", "url", r.url)
	r.quiet = false
	c := newConn(socket, relayQueue)
	r.out.conn.Store(c)
	announced := make(chan struct{})
	go func() {
		defer close(announced)
		announce(ctx, c, conversation)
	}()
	err = c.converse(conversation, "")
	why = c.reason(err)
	c.end(websocket.CloseNormalClosure, "")
	r.out.conn.Store(nil)
	<-announced
	c.wait()
	return why
}

// announce says who the pusher is, again and again, until the connection ends.
// It ends it when ctx is done.
func announce(ctx context.Context, c *conn, conversation *signal.Conversation) {
	ticker := time.NewTicker(announceEvery)
	defer ticker.Stop()
	for {
		c.Send(signal.PushInit{})
		select {
		case <-ticker.C:
		case <-c.ending:
			return
		case <-ctx.Done():
			conversation.HangUp(errShutdown())
			c.end(websocket.CloseGoingAway, errShutdown().Message)
			return
		}
	}
}

// relayOutlet sends to the connection of the moment.
type relayOutlet struct {
	conn atomic.Pointer[conn] // nil while there is none
}

var _ signal.Outlet = (*relayOutlet)(nil)

// Send implements signal.Outlet. What names no viewer is dropped: a relay has
// nobody to give it to.
func (o *relayOutlet) Send(m signal.Message) {
	if conn := o.conn.Load(); conn != nil && signal.IDOf(m) != "" {
		conn.Send(m)
	}
}
