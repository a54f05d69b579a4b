package ws

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"

	"github.com/gorilla/websocket"
)

// dialFunc opens the connection below a WebSocket.
type dialFunc func(ctx context.Context, network, addr string) (net.Conn, error)

// dial opens a WebSocket; a nil dialFunc is net.Dialer's. A ctx that is done
// ends the attempt at any point of it: gorilla does not look at it any more
// once it waits for the server's answer.
func dial(ctx context.Context, below dialFunc, url string, options DialOptions) (*websocket.Conn, error) {
	if below == nil {
		below = new(net.Dialer).DialContext
	}
	var release func() bool
	dialer := websocket.Dialer{
		Proxy:            http.ProxyFromEnvironment,
		TLSClientConfig:  options.TLS,
		HandshakeTimeout: handshakeTimeout,
		NetDialContext: func(inner context.Context, network, addr string) (net.Conn, error) {
			c, err := below(inner, network, addr)
			if err == nil {
				release = context.AfterFunc(ctx, func() { _ = c.Close() })
			}
			return c, err
		},
	}
	socket, response, err := dialer.DialContext(ctx, url, options.Header)
	if release != nil && !release() && err == nil {
		_ = socket.Close()
		err = ctx.Err()
	}
	switch {
	case err == nil:
		return socket, nil
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case response != nil:
		return nil, fmt.Errorf("%w: the server answered %s%s", err, response.Status, more(response))
	}
	return nil, err
}

// more is what the server says beside the status: where else to ask, without what
// may be secret there, or why not.
func more(response *http.Response) string {
	if to, err := response.Location(); err == nil {
		return fmt.Sprintf(", see %s://%s", to.Scheme, to.Host)
	}
	// gorilla has read up to 1 KiB of it.
	text, _ := io.ReadAll(response.Body)
	line, _, _ := strings.Cut(string(text), "\n")
	if line = strings.ToValidUTF8(strings.TrimSpace(line), ""); line == "" {
		return ""
	}
	return ": " + line
}

// checkURL refuses what dial could not work with.
func checkURL(s string) error {
	u, err := url.Parse(s)
	switch {
	case err != nil:
		return err
	case u.Scheme != "ws" && u.Scheme != "wss", u.Host == "":
		return fmt.Errorf("url %q: want ws://host:port or wss://host:port", s)
	}
	return nil
}
