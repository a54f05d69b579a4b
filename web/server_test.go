package web

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// running is a Server under test on a free port of the loopback interface.
type running struct {
	addr string
	stop context.CancelFunc
	end  chan error // one value: what Serve returned
}

func run(t *testing.T, h http.Handler, grace time.Duration) running {
	t.Helper()
	ln, err := Listen(t.Context(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return serving(t, &Server{Handler: h, Grace: grace}, ln)
}

func serving(t *testing.T, s *Server, ln net.Listener) running {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	end := make(chan error, 1)
	go func() { end <- s.Serve(ctx, ln) }()
	return running{ln.Addr().String(), stop, end}
}

// dial sends one request line with a Host and returns the connection.
func dial(t *testing.T, addr string) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	if _, err := fmt.Fprintf(conn, "GET / HTTP/1.1\r\nHost: %s\r\n\r\n", addr); err != nil {
		t.Fatal(err)
	}
	return conn
}

func TestServeEndsWithItsContext(t *testing.T) {
	defer goleak.VerifyNone(t)
	h, err := New(Config{})
	if err != nil {
		t.Fatal(err)
	}
	r := run(t, h, time.Minute)
	conn := dial(t, r.addr) // stays open, idle, after its answer
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("answer: %v, %v", res, err)
	}
	r.stop()
	if err := <-r.end; err != nil {
		t.Errorf("Serve = %v, want nil", err)
	}
	if conn, err := net.Dial("tcp", r.addr); err == nil {
		_ = conn.Close()
		t.Error("the port is still open")
	}
}

// hijack takes the connection over, as a WebSocket endpoint does, and calls
// body with the request's context.
func hijack(t *testing.T, body func(context.Context)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer conn.Close()
		_, _ = io.WriteString(conn, "taken\n")
		body(r.Context())
	})
}

func TestServeWaitsForHijackedHandlers(t *testing.T) {
	defer goleak.VerifyNone(t)
	release := make(chan struct{})
	told := make(chan struct{})
	r := run(t, hijack(t, func(ctx context.Context) {
		<-ctx.Done()
		close(told)
		<-release
	}), time.Minute)
	if line, err := bufio.NewReader(dial(t, r.addr)).ReadString('\n'); err != nil || line != "taken\n" {
		t.Fatalf("handler said %q, %v", line, err)
	}
	r.stop()
	<-told
	select {
	case err := <-r.end:
		t.Fatalf("Serve = %v while a handler runs", err)
	default:
	}
	close(release)
	if err := <-r.end; err != nil {
		t.Errorf("Serve = %v, want nil", err)
	}
}

func TestServeReportsHandlersThatStay(t *testing.T) {
	defer goleak.VerifyNone(t)
	release := make(chan struct{})
	ended := make(chan struct{})
	r := run(t, hijack(t, func(context.Context) {
		defer close(ended)
		<-release
	}), time.Millisecond)
	if _, err := bufio.NewReader(dial(t, r.addr)).ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	r.stop()
	if err := <-r.end; err == nil || !strings.Contains(err.Error(), "1 request") {
		t.Errorf("Serve = %v, want an error that counts the handler", err)
	}
	close(release)
	<-ended
}

func TestServeFailsWithItsListener(t *testing.T) {
	defer goleak.VerifyNone(t)
	ln, err := Listen(t.Context(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := ln.Close(); err != nil {
		t.Fatal(err)
	}
	s := &Server{Handler: http.NotFoundHandler(), Grace: time.Minute}
	if err := s.Serve(t.Context(), ln); !errors.Is(err, net.ErrClosed) {
		t.Errorf("Serve = %v, want net.ErrClosed", err)
	}
}

func TestServeBoundsHeaders(t *testing.T) {
	defer goleak.VerifyNone(t)
	r := run(t, http.NotFoundHandler(), time.Minute)
	conn, err := net.Dial("tcp", r.addr)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	go func() { // ends when the server closes the connection
		_, _ = fmt.Fprintf(conn, "GET / HTTP/1.1\r\nHost: x\r\nX: %s\r\n\r\n", strings.Repeat("x", 4*maxHeaderBytes))
	}()
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil || res.StatusCode != http.StatusRequestHeaderFieldsTooLarge {
		t.Errorf("answer: %v, %v; want 431", res, err)
	}
	r.stop()
	if err := <-r.end; err != nil {
		t.Errorf("Serve = %v", err)
	}
}

func TestListenSaysWhatToDo(t *testing.T) {
	taken, err := Listen(t.Context(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	_, err = Listen(t.Context(), taken.Addr().String())
	if !errors.Is(err, syscall.EADDRINUSE) || !strings.Contains(err.Error(), "--listen") {
		t.Errorf("Listen on a port in use = %v, want EADDRINUSE and the flag's name", err)
	}
	if _, err := Listen(t.Context(), "no port"); err == nil || !strings.Contains(err.Error(), "listen no port") {
		t.Errorf("Listen on nonsense = %v, want an error that names it", err)
	}
}
