package ws

import (
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/gorilla/websocket"
	"golang.org/x/time/rate"

	"github.com/pushcam/pushcam/signal"
	"github.com/pushcam/pushcam/signal/wire"
)

const (
	handshakeTimeout = 10 * time.Second
	writeTimeout     = 10 * time.Second
	// pingEvery leaves a ping and its repetition to be lost before
	// silenceTimeout is over.
	pingEvery      = 30 * time.Second
	silenceTimeout = 75 * time.Second
	// closeTimeout is what the other end has to answer our close, and
	// partTimeout what it has to read all that comes before, too.
	closeTimeout = 500 * time.Millisecond
	partTimeout  = 700 * time.Millisecond
	// skipLimit is the length up to which a message that is too long is read
	// past, to tell its sender.
	skipLimit = 16 * signal.MaxMessage
)

// conn is one WebSocket. One goroutine reads (converse); Send and end may be
// called from any. The writer is the conn's own: wait waits for it.
type conn struct {
	socket *websocket.Conn
	pongs  *rate.Limiter       // answers to pings; used by the reader
	queue  chan signal.Message // never closed

	ending  chan struct{} // closed by end
	endOnce sync.Once
	// Set before ending is closed.
	status int
	text   string
	kill   *time.Timer // closes the socket, should the writer hang

	deaf    chan struct{} // closed by the reader when it is done
	written chan struct{} // closed by the writer when it is done
}

var _ signal.Outlet = (*conn)(nil)

// newConn takes over the socket. The caller has to call converse and wait.
func newConn(socket *websocket.Conn, queue int) *conn {
	c := &conn{
		socket:  socket,
		pongs:   rate.NewLimiter(10, 20),
		queue:   make(chan signal.Message, queue),
		ending:  make(chan struct{}),
		deaf:    make(chan struct{}),
		written: make(chan struct{}),
	}
	socket.SetReadLimit(skipLimit)
	socket.SetPingHandler(c.pong)
	socket.SetPongHandler(func(string) error { return c.heard() })
	go c.write()
	return c
}

// Send implements signal.Outlet.
func (c *conn) Send(m signal.Message) {
	select {
	case <-c.ending:
		return
	default:
	}
	select {
	case c.queue <- m:
	default:
		c.end(websocket.ClosePolicyViolation, "does not read what it is sent")
	}
}

// end has the connection closed with this status once what is queued is sent,
// or partTimeout is over. Only the first call counts.
func (c *conn) end(status int, text string) {
	c.endOnce.Do(func() {
		c.status, c.text = status, text
		c.kill = time.AfterFunc(partTimeout, func() { _ = c.socket.Close() })
		close(c.ending)
	})
}

// wait returns when the connection is closed, which converse has returned and
// end been called for.
func (c *conn) wait() { <-c.written }

// converse passes on what arrives until the connection ends, and returns why. It
// begins with pull_start for the id that came with the request, unless that is
// empty.
func (c *conn) converse(with *signal.Conversation, pulls string) (err error) {
	defer close(c.deaf)
	if err := c.heard(); err != nil {
		return err
	}
	if pulls != "" {
		m, bad := pullStart(pulls)
		err = c.pass(with, m, bad)
	}
	for err == nil {
		m, failed := c.receive()
		err = c.pass(with, m, failed)
	}
	return err
}

// pass passes on a message, or what is wrong with it.
func (c *conn) pass(to *signal.Conversation, m signal.Message, err error) error {
	var bad *signal.Error
	switch {
	case err == nil:
		err = to.Receive(m)
	case errors.As(err, &bad):
		err = to.Reject(bad)
	default:
		return err
	}
	if err != nil {
		c.end(websocket.ClosePolicyViolation, err.Error())
		c.discard()
	}
	return err
}

// pullStart is like read.
func pullStart(id string) (signal.Message, error) {
	if len(id) > signal.MaxID || !utf8.ValidString(id) {
		return nil, signal.Errorf(signal.BadMessage, "%s: want an id of at most %d bytes", pullParameter, signal.MaxID)
	}
	return signal.PullStart{ID: id}, nil
}

// receive is read, and notes the sign of life.
func (c *conn) receive() (signal.Message, error) {
	m, err := read(c.socket)
	if deadline := c.heard(); err == nil {
		err = deadline
	}
	return m, err
}

// read returns the next message, a *signal.Error if it is none, or the error
// that ended the connection.
func read(socket *websocket.Conn) (signal.Message, error) {
	kind, r, err := socket.NextReader()
	if err != nil {
		return nil, err
	}
	if kind != websocket.TextMessage {
		return nil, signal.Errorf(signal.BadMessage, "message: binary: want text")
	}
	text, err := io.ReadAll(io.LimitReader(r, signal.MaxMessage+1))
	if err != nil {
		return nil, err
	}
	return wire.Decode(text)
}

// discard reads until the other end has closed too, or the writer, tired of
// waiting for that, has closed the socket.
func (c *conn) discard() {
	for {
		if _, _, err := c.socket.NextReader(); err != nil {
			return
		}
	}
}

// heard notes a sign of life.
func (c *conn) heard() error {
	return c.socket.SetReadDeadline(time.Now().Add(silenceTimeout))
}

// pong answers a ping, but not a flood of them.
func (c *conn) pong(payload string) error {
	if !c.pongs.Allow() {
		return nil
	}
	err := c.socket.WriteControl(websocket.PongMessage, []byte(payload), time.Now().Add(writeTimeout))
	if errors.Is(err, websocket.ErrCloseSent) {
		return nil
	}
	return err
}

// write sends what is queued, and pings, until the connection ends. Then it
// closes the socket.
func (c *conn) write() {
	defer close(c.written)
	defer c.socket.Close() //nolint:errcheck // nothing is left to be lost
	pings := time.NewTicker(pingEvery)
	defer pings.Stop()
	for {
		var err error
		select {
		case m := <-c.queue:
			err = c.put(m)
		case <-pings.C:
			err = c.socket.WriteControl(websocket.PingMessage, nil, time.Now().Add(writeTimeout))
		case <-c.ending:
			c.part()
			c.kill.Stop()
			return
		}
		if err != nil {
			c.end(websocket.CloseAbnormalClosure, err.Error())
			c.kill.Stop()
			return
		}
	}
}

// part sends what is queued, says goodbye and waits for the other end to do
// the same: a socket closed under data that the other end sent would take the
// last messages with it.
func (c *conn) part() {
	for range len(c.queue) {
		if c.put(<-c.queue) != nil {
			return
		}
	}
	goodbye := websocket.FormatCloseMessage(c.status, closeText(c.text))
	err := c.socket.WriteControl(websocket.CloseMessage, goodbye, time.Now().Add(closeTimeout))
	if err != nil {
		return
	}
	timeout := time.NewTimer(closeTimeout)
	defer timeout.Stop()
	select {
	case <-c.deaf:
	case <-timeout.C:
	}
}

// closeText cuts a reason to what a control frame has room for (RFC 6455
// section 5.5: 125 bytes, two of which are the status).
func closeText(s string) string { return s[:min(len(s), 123)] }

func (c *conn) put(m signal.Message) error {
	text, err := wire.Encode(m)
	if err != nil {
		return err
	}
	if err := c.socket.SetWriteDeadline(time.Now().Add(writeTimeout)); err != nil {
		return err
	}
	return c.socket.WriteMessage(websocket.TextMessage, text)
}

// reason is how a connection's end reads in the log.
func (c *conn) reason(err error) string {
	var closed *websocket.CloseError
	var late net.Error
	select {
	case <-c.ending:
		return c.text
	default:
	}
	switch {
	case errors.As(err, &closed) && closed.Code == websocket.CloseAbnormalClosure:
		return "connection lost"
	case errors.As(err, &closed):
		return fmt.Sprintf("closed by the other end (%d)", closed.Code)
	case errors.As(err, &late) && late.Timeout():
		return fmt.Sprintf("nothing heard for %v", silenceTimeout)
	}
	return err.Error()
}
