package ws

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"github.com/pushcam/pushcam/signal"
	"github.com/pushcam/pushcam/signal/wire"
)

// Client is a viewer's end of a connection, to a Handler or to a relay. Send
// and Close may be called from any goroutine; Receive by one, which should
// never be away for long: it also answers the server's pings.
type Client struct {
	socket *websocket.Conn
	mu     sync.Mutex // held while writing
}

// DialOptions are how Dial asks. The zero value works.
type DialOptions struct {
	Header http.Header // of the request
	TLS    *tls.Config // nil is the default
}

// Dial connects to a ws or wss URL. nil are no options.
func Dial(ctx context.Context, url string, options *DialOptions) (*Client, error) {
	if err := checkURL(url); err != nil {
		return nil, fmt.Errorf("dial: %w", err)
	}
	if options == nil {
		options = &DialOptions{}
	}
	socket, err := dial(ctx, nil, url, *options)
	if err != nil {
		return nil, fmt.Errorf("dial %s: %w", url, err)
	}
	socket.SetReadLimit(skipLimit)
	return &Client{socket: socket}, nil
}

// Send sends one message. It waits for the network, but not for an answer.
func (c *Client) Send(m signal.Message) error {
	text, err := wire.Encode(m)
	if err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.socket.SetWriteDeadline(time.Now().Add(writeTimeout)); err != nil {
		return fmt.Errorf("send %s: %w", m.Type(), err)
	}
	if err := c.socket.WriteMessage(websocket.TextMessage, text); err != nil {
		return fmt.Errorf("send %s: %w", m.Type(), err)
	}
	return nil
}

// Receive returns the next message that it understands, and skips others, as
// old viewers do; the server's errors are messages too. When ctx is done it
// closes the client and returns ctx's error.
func (c *Client) Receive(ctx context.Context) (signal.Message, error) {
	stop := context.AfterFunc(ctx, func() { _ = c.socket.Close() })
	defer stop()
	for {
		m, err := read(c.socket)
		var odd *signal.Error
		switch {
		case err == nil:
			return m, nil
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case !errors.As(err, &odd):
			return nil, fmt.Errorf("receive: %w", err)
		}
	}
}

// Close says goodbye and closes the connection. It is idempotent, and makes
// Receive return.
func (c *Client) Close() error {
	goodbye := websocket.FormatCloseMessage(websocket.CloseNormalClosure, "")
	// Whether that still arrives does not matter: the connection ends.
	_ = c.socket.WriteControl(websocket.CloseMessage, goodbye, time.Now().Add(closeTimeout))
	_ = c.socket.Close()
	return nil
}
