package ws

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"github.com/pushcam/pushcam/signal"
)

// DefaultMaxConnections is more than the viewers that anybody allows: one too
// many shall be told so by the exchange, not refused by HTTP.
const DefaultMaxConnections = 500

// HandlerConfig is what a Handler can be told. The zero value works.
type HandlerConfig struct {
	// CheckOrigin decides whether the page that a request comes from may
	// connect. Nil wants the Origin's host and port to be the request's.
	CheckOrigin func(*http.Request) bool
	// MaxConnections is how many there may be at once; 0 is
	// DefaultMaxConnections.
	MaxConnections int
	// Limits apply to each connection; nil is signal.DefaultLimits.
	Limits *signal.Limits
	// Log gets one line for each connection that ends; nil drops it.
	Log *slog.Logger
}

// Handler is the built-in endpoint: it upgrades every request that it gets,
// whatever its path.
type Handler struct {
	exchange *signal.Exchange
	config   HandlerConfig
	limits   signal.Limits
	upgrader websocket.Upgrader

	running sync.WaitGroup // ServeHTTP calls past admit

	mu     sync.Mutex
	closed bool
	used   int // connections, those being upgraded included
	lines  map[*line]struct{}
}

var _ http.Handler = (*Handler)(nil)

// line is a connection and what is said on it.
type line struct {
	conn         *conn
	conversation *signal.Conversation
}

// viewerQueue is how many messages may wait for a viewer to read them: all
// that its sessions can say at once, at the usual limits, and some more.
const viewerQueue = 256

// NewHandler returns a Handler for the viewers of exchange.
func NewHandler(exchange *signal.Exchange, config HandlerConfig) *Handler {
	h := &Handler{
		exchange: exchange,
		config:   config,
		limits:   signal.DefaultLimits(),
		upgrader: websocket.Upgrader{
			HandshakeTimeout: handshakeTimeout,
			CheckOrigin:      config.CheckOrigin,
			WriteBufferPool:  new(sync.Pool),
		},
		lines: make(map[*line]struct{}),
	}
	if config.Limits != nil {
		h.limits = *config.Limits
	}
	if config.MaxConnections == 0 {
		h.config.MaxConnections = DefaultMaxConnections
	}
	if config.Log == nil {
		h.config.Log = slog.New(slog.DiscardHandler)
	}
	return h
}

// ServeHTTP upgrades the connection and returns when it is closed, which the end
// of the request's context makes it. The viewer is told the context's cause.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !h.admit() {
		w.Header().Set("Retry-After", "5")
		http.Error(w, "signaling: no connection is free", http.StatusServiceUnavailable)
		return
	}
	defer h.leave()
	socket, err := h.upgrader.Upgrade(w, r, nil)
	if err != nil {
		h.config.Log.Debug("signaling refused", "remote", r.RemoteAddr, "err", err)
		return // the upgrader has answered
	}
	h.serve(r.Context(), socket, signal.ViewerInfo{RemoteAddr: r.RemoteAddr, UserAgent: r.UserAgent()}, r.URL.Query().Get(pullParameter))
}

// pullParameter of a URL is the id of a viewer who begins with pull_start, and
// need not wait for the connection to say so: the offer comes right behind the
// answer to the upgrade.
const pullParameter = "pull"

func (h *Handler) serve(ctx context.Context, socket *websocket.Conn, who signal.ViewerInfo, pulls string) {
	begin := time.Now()
	conn := newConn(socket, viewerQueue)
	l := &line{conn, h.exchange.Converse(conn, who, h.limits)}
	h.enter(l)
	defer h.exit(l)
	stop := context.AfterFunc(ctx, func() { l.shut(whyOver(ctx)) })
	defer stop()

	err := conn.converse(l.conversation, pulls)
	why := conn.reason(err)
	if err := l.conversation.Close(nil); err != nil {
		h.config.Log.Error("signaling", "remote", who.RemoteAddr, "err", err)
	}
	conn.end(websocket.CloseNormalClosure, "")
	conn.wait()
	h.config.Log.Info("signaling connection ended", "remote", who.RemoteAddr,
		"after", time.Since(begin).Round(time.Millisecond), "why", why)
}

// admit reserves a connection, if there is one left.
func (h *Handler) admit() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed || h.used >= h.config.MaxConnections {
		return false
	}
	h.used++
	h.running.Add(1)
	return true
}

func (h *Handler) leave() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.used--
	h.running.Done()
}

func (h *Handler) enter(l *line) {
	h.mu.Lock()
	h.lines[l] = struct{}{}
	closed := h.closed
	h.mu.Unlock()
	if closed {
		l.shut(errShutdown())
	}
}

func (h *Handler) exit(l *line) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.lines, l)
}

// Close tells all viewers that the program ends, closes their sessions and
// connections, and waits for that: for signal.Limits.Close, and a little more,
// at most. New connections are refused. It may be called twice.
//
// http.Server.Shutdown knows nothing of these connections: call Close beside it.
func (h *Handler) Close() error {
	h.mu.Lock()
	h.closed = true
	lines := make([]*line, 0, len(h.lines))
	for l := range h.lines {
		lines = append(lines, l)
	}
	h.mu.Unlock()
	for _, l := range lines {
		l.shut(errShutdown())
	}
	h.running.Wait()
	return nil
}

// shut starts the end of a line; its own goroutine sees it through.
func (l *line) shut(why *signal.Error) {
	l.conversation.HangUp(why)
	l.conn.end(websocket.CloseGoingAway, why.Message)
}

func errShutdown() *signal.Error {
	return signal.Errorf(signal.Gone, "the server is shutting down")
}

// whyOver is for a context that has ended. The server's has no cause of its own.
func whyOver(ctx context.Context) *signal.Error {
	if cause := context.Cause(ctx); !errors.Is(cause, context.Canceled) {
		return signal.Errorf(signal.Gone, "%v", cause)
	}
	return errShutdown()
}
