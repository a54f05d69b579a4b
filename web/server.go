package web

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"syscall"
	"time"
)

// What a client may take, and how long. There is no limit on a whole request: a
// viewer's lasts as long as somebody looks, and net/http's ReadTimeout would
// cancel its context.
const (
	headerTimeout  = 5 * time.Second
	idleTimeout    = 60 * time.Second
	maxHeaderBytes = 16 << 10

	// DefaultMaxConnections is for a hundred viewers, each with some more.
	DefaultMaxConnections = 2048
)

// Listen opens the TCP address to serve on ("host:port", host may be empty). The
// caller owns the listener until it hands it to Serve.
func Listen(ctx context.Context, address string) (net.Listener, error) {
	var lc net.ListenConfig
	ln, err := lc.Listen(ctx, "tcp", address)
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, fmt.Errorf("listen %s: another program (or another pushcam) has this port; stop it or choose another with --listen: %w", address, err)
	case errors.Is(err, syscall.EACCES):
		return nil, fmt.Errorf("listen %s: no permission; choose a port above 1023 with --listen: %w", address, err)
	case err != nil:
		return nil, fmt.Errorf("listen %s: %w", address, err)
	}
	return ln, nil
}

// Server runs a handler on a listener. Its fields are set before Serve.
type Server struct {
	Handler http.Handler
	Log     *slog.Logger  // nil: nothing is logged
	Grace   time.Duration // how long handlers have to end after ctx is done
	// MaxConnections is how many there may be; 0 is DefaultMaxConnections.
	MaxConnections int
	// TLS has a certificate. nil: plain HTTP. Else HTTP/2 is offered, and who
	// speaks plain HTTP is told to come again by https.
	TLS *tls.Config
}

// Serve answers requests until ctx is done, closes the listener, waits for the
// handlers and returns nil. Those that are not back after Grace are cut off and
// make it an error. It returns earlier only if the listener fails.
//
// Request contexts end with ctx. This is how a handler that took its connection
// over (a WebSocket's) learns that it must end: net/http's Shutdown leaves such
// connections alone. Serve waits for that handler all the same.
func (s *Server) Serve(ctx context.Context, ln net.Listener) error {
	log := s.Log
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	base, stop := context.WithCancel(ctx)
	defer stop()
	var busy handlers
	visitors := newCrowd(ln, cmp.Or(s.MaxConnections, DefaultMaxConnections))
	srv := &http.Server{
		Handler:           busy.count(s.Handler),
		TLSConfig:         s.TLS,
		ReadHeaderTimeout: headerTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeaderBytes,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelDebug),
		ConnState:         visitors.state,
		BaseContext:       func(net.Listener) context.Context { return base },
	}
	ended := make(chan error, 1)
	go func() {
		if s.TLS == nil {
			ended <- srv.Serve(visitors)
			return
		}
		ended <- srv.ServeTLS(redirecting{visitors}, "", "")
	}()

	var failure error
	select {
	case <-ctx.Done():
	case err := <-ended:
		failure = fmt.Errorf("serve %s: %w", ln.Addr(), err)
		ended <- nil // for the receive below
	}
	stop()

	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.Grace)
	defer cancel()
	if err := srv.Shutdown(grace); err != nil {
		_ = srv.Close() // the reason is in err already
	}
	<-ended
	if left := busy.wait(grace); left > 0 && failure == nil {
		failure = fmt.Errorf("serve %s: %d requests still running %v after the end", ln.Addr(), left, s.Grace)
	}
	return failure
}
