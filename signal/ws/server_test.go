package ws_test

import (
	"bytes"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"

	"github.com/pushcam/pushcam/signal"
	"github.com/pushcam/pushcam/signal/signaltest"
	"github.com/pushcam/pushcam/signal/wire"
	"github.com/pushcam/pushcam/signal/ws"
	"github.com/pushcam/pushcam/signal/ws/wstest"
)

// server is a Handler before fake sessions, in a synctest bubble.
type server struct {
	t        *testing.T
	sessions *signaltest.Sessions
	states   *signaltest.States
	handler  *ws.Handler
	listener *wstest.Listener
	log      *lockedBuffer
	pages    []*page
}

func serve(t *testing.T, config ws.HandlerConfig, test func(s *server)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		s := &server{
			t:        t,
			sessions: &signaltest.Sessions{},
			states:   signaltest.NewStates(signal.CameraState{State: signal.CameraLive}),
			listener: wstest.NewListener(),
			log:      new(lockedBuffer),
		}
		config.Log = slog.New(slog.NewTextHandler(s.log, nil))
		exchange := signal.NewExchange(s.sessions, s.states, config.Log)
		s.handler = ws.NewHandler(exchange, config)
		web := &http.Server{Handler: s.handler, ReadHeaderTimeout: time.Minute}
		served := make(chan error, 1)
		go func() { served <- web.Serve(s.listener) }()

		test(s)

		if err := s.handler.Close(); err != nil {
			t.Error(err)
		}
		_ = web.Close()
		<-served
		for _, p := range s.pages {
			p.close()
		}
		if n := s.sessions.OpenCount(); n != 0 {
			t.Errorf("%d sessions open at the end", n)
		}
	})
}

// page is a viewer's page: it keeps what it is sent.
type page struct {
	*websocket.Conn
	t      *testing.T
	heard  signaltest.Outlet
	closed chan struct{} // closed when reading has ended
	end    error         // why it has; set before closed is closed
}

// connect opens a socket that nobody reads from.
func (s *server) connect(header http.Header) (*websocket.Conn, *http.Response, error) {
	return s.connectTo("/any/path", header)
}

func (s *server) connectTo(path string, header http.Header) (*websocket.Conn, *http.Response, error) {
	dialer := websocket.Dialer{NetDialContext: s.listener.DialContext}
	return dialer.DialContext(s.t.Context(), "ws://pushcam:1990"+path, header)
}

// deaf opens a socket that asks for pictures and is never read from.
func (s *server) deaf(id string) *websocket.Conn {
	s.t.Helper()
	socket, _, err := s.connect(nil)
	if err != nil {
		s.t.Fatal(err)
	}
	for _, said := range []string{`{"type":"pull_start","id":"` + id + `"}`, `{"type":"stats","id":"` + id + `","on":true}`} {
		if err := socket.WriteMessage(websocket.TextMessage, []byte(said)); err != nil {
			s.t.Fatal(err)
		}
	}
	synctest.Wait()
	return socket
}

func (s *server) open() *page { return s.openAt("/any/path") }

func (s *server) openAt(path string) *page {
	s.t.Helper()
	socket, _, err := s.connectTo(path, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	p := newPage(s.t, socket)
	s.pages = append(s.pages, p)
	synctest.Wait()
	return p
}

func newPage(t *testing.T, socket *websocket.Conn) *page {
	p := &page{Conn: socket, t: t, closed: make(chan struct{})}
	go p.read()
	return p
}

func (p *page) read() {
	defer close(p.closed)
	for {
		_, text, err := p.ReadMessage()
		if err != nil {
			p.end = err
			return
		}
		m, err := wire.Decode(text)
		if err != nil {
			p.t.Errorf("page was sent %s: %v", text, err)
			continue
		}
		p.heard.Send(m)
	}
}

func (p *page) close() {
	_ = p.Conn.Close()
	<-p.closed
}

// say sends texts and lets everything come to rest.
func (p *page) say(texts ...string) {
	p.t.Helper()
	for _, text := range texts {
		if err := p.WriteMessage(websocket.TextMessage, []byte(text)); err != nil {
			p.t.Fatalf("say %.80s: %v", text, err)
		}
	}
	synctest.Wait()
}

// start does what the old page does when it is opened.
func (p *page) start(id string) {
	p.t.Helper()
	p.say(`{"type":"pull_init","id":"`+id+`"}`, `{"type":"pull_start","id":"`+id+`"}`)
}

// take returns what was heard since the last time.
func (p *page) take() []signal.Message { return p.heard.Take() }

// errors takes what was heard, and returns the codes of the errors in it.
func (p *page) errors() (codes []signal.Code) {
	for _, m := range p.take() {
		if e, ok := m.(*signal.Error); ok {
			codes = append(codes, e.Code)
		}
	}
	return codes
}

// offer takes what was heard, and returns the offer in it.
func (p *page) offer() signal.Offer {
	p.t.Helper()
	heard := p.take()
	for _, m := range heard {
		if o, ok := m.(signal.Offer); ok {
			return o
		}
	}
	p.t.Fatalf("heard %v, want an offer", heard)
	return signal.Offer{}
}

// ended checks that the server has closed the connection with this status.
func (p *page) ended(status int) {
	p.t.Helper()
	synctest.Wait()
	select {
	case <-p.closed:
		if !websocket.IsCloseError(p.end, status) {
			p.t.Errorf("connection ended with %v, want status %d", p.end, status)
		}
	default:
		p.t.Errorf("connection is open, want it ended with status %d", status)
	}
}

// alive checks that the page is served and was not told of any error.
func (p *page) alive(s *server, id string) {
	p.t.Helper()
	if codes := p.errors(); len(codes) != 0 {
		p.t.Errorf("page %s was told %q", id, codes)
	}
	if session := s.sessions.Of(id); session == nil || session.Closed() {
		p.t.Errorf("page %s has no session", id)
	}
}

// lockedBuffer is a log that may be read while it is written.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) count(s string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Count(l.b.String(), s)
}

// pass lets time pass, which in a bubble takes none, and everything come to
// rest.
func pass(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}
