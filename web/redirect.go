package web

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
)

// handshakeRecord is the first byte of a TLS connection (RFC 8446 section 5.1).
const handshakeRecord = 22

// redirecting is a listener for TLS, on which those who speak plain HTTP are
// told to come again by https.
type redirecting struct{ net.Listener }

// Accept implements net.Listener.
func (l redirecting) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &firstByte{Conn: conn}, nil
}

// firstByte looks at what comes first. One goroutine reads at a time, and the
// handshake's deadline is set when it does.
type firstByte struct {
	net.Conn
	seen bool
}

// NetConn returns what is below, for innermost.
func (c *firstByte) NetConn() net.Conn { return c.Conn }

// Read implements net.Conn.
func (c *firstByte) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if c.seen || n == 0 {
		return n, err
	}
	c.seen = true
	if p[0] == handshakeRecord {
		return n, err
	}
	c.redirect(bytes.Clone(p[:n]))
	return 0, io.EOF
}

// redirect answers the request that begins so.
func (c *firstByte) redirect(begin []byte) {
	request := io.LimitReader(io.MultiReader(bytes.NewReader(begin), c.Conn), maxHeaderBytes)
	r, err := http.ReadRequest(bufio.NewReader(request))
	if err != nil {
		return
	}
	answer := "400 Bad Request"
	if _, _, ok := splitHost(r.Host); ok {
		path := r.URL.RequestURI()
		if !strings.HasPrefix(path, "/") {
			path = "/"
		}
		// Not for ever: somebody may switch TLS off.
		answer = fmt.Sprintf("307 Temporary Redirect\r\nLocation: https://%s%s", r.Host, path)
	}
	_, _ = fmt.Fprintf(c.Conn, "HTTP/1.1 %s\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", answer)
}

// CloseWrite lets the other side read the last answer before the end.
func (c *firstByte) CloseWrite() error {
	if half, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return nil
}
