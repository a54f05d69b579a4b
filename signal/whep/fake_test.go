package whep

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/pushcam/pushcam/signal"
	"github.com/pushcam/pushcam/signal/signaltest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	theirs = "a=ice-ufrag:user\r\na=ice-pwd:0123456789012345678901\r\n"
	offer  = "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\na=group:BUNDLE v\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:v\r\n" + theirs
	// trickled and restarted are fragments for that offer.
	trickled  = "m=video 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:v\r\n" + theirs + "a=candidate:1 1 udp 2130706431 192.0.2.1 9 typ host\r\na=end-of-candidates\r\n"
	restarted = "a=group:BUNDLE v\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:v\r\na=ice-ufrag:next\r\na=ice-pwd:abcdefghijklmnopqrstuv\r\na=candidate:2 1 udp 2130706431 192.0.2.2 9 typ host\r\n"
)

// answerOf is the answer of a fake's n-th ICE session.
func answerOf(n int) string {
	return fmt.Sprintf("v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\na=ice-lite\r\na=fingerprint:sha-256 00\r\na=group:BUNDLE v\r\n"+
		"m=audio 0 UDP/TLS/RTP/SAVPF 0\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:v\r\na=ice-ufrag:our%d\r\na=ice-pwd:9876543210987654321098\r\n"+
		"a=rtpmap:96 VP8/90000\r\na=candidate:1 1 udp 2130706431 192.0.2.9 1990 typ host\r\na=end-of-candidates\r\n", n)
}

// script is how the sessions of a fake behave; the zero value does all at once
// and without error.
type script struct {
	open, accept, candidate, restart error
	acceptWait                       <-chan struct{} // Accept returns after this, or with its ctx
	closeWait                        <-chan struct{} // Close returns after this
}

// fakeSessions opens sessions by script and keeps all of them.
type fakeSessions struct {
	script script
	mu     sync.Mutex
	all    []*fakeSession
}

func (f *fakeSessions) Open(_ context.Context, viewer signal.ViewerInfo) (Session, error) {
	if f.script.open != nil {
		return nil, f.script.open
	}
	s := &fakeSession{script: f.script, viewer: viewer, done: make(chan struct{})}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.all = append(f.all, s)
	return s, nil
}

// last is the session opened last.
func (f *fakeSessions) last() *fakeSession {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.all[len(f.all)-1]
}

// left is how many have not ended.
func (f *fakeSessions) left() (n int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, s := range f.all {
		select {
		case <-s.done:
		default:
			n++
		}
	}
	return n
}

type fakeSession struct {
	script script
	viewer signal.ViewerInfo
	done   chan struct{}
	once   sync.Once

	mu         sync.Mutex
	offer      string
	candidates []signal.Candidate
	restarts   []credentials
}

func (s *fakeSession) Accept(ctx context.Context, offer string) (string, error) {
	if s.script.acceptWait != nil {
		select {
		case <-s.script.acceptWait:
		case <-ctx.Done():
			return "", ctx.Err()
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.offer = offer
	return answerOf(0), s.script.accept
}

func (s *fakeSession) AddCandidate(c signal.Candidate) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.candidates = append(s.candidates, c)
	return s.script.candidate
}

func (s *fakeSession) Restart(_ context.Context, user, password string) (string, error) {
	if s.script.restart != nil {
		return "", s.script.restart
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.restarts = append(s.restarts, credentials{user, password})
	return answerOf(len(s.restarts)), nil
}

func (s *fakeSession) Close() error {
	if s.script.closeWait != nil {
		<-s.script.closeWait
	}
	s.end()
	return nil
}

// end ends the session by itself, as when its viewer vanishes.
func (s *fakeSession) end() { s.once.Do(func() { close(s.done) }) }

func (s *fakeSession) Done() <-chan struct{} { return s.done }

// heard is what the session was given.
func (s *fakeSession) heard() (candidates []signal.Candidate, restarts []credentials) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]signal.Candidate(nil), s.candidates...), append([]credentials(nil), s.restarts...)
}

// endpoint is a Handler on a real server.
type endpoint struct {
	t        *testing.T
	sessions *fakeSessions
	states   *signaltest.States
	handler  *Handler
	url      string
	client   *http.Client
	far      atomic.Bool // requests come as if over the network
}

var live = signal.CameraState{State: signal.CameraLive}

// newEndpoint serves until the test ends. Change may be nil.
func newEndpoint(t *testing.T, s script, change func(*HandlerConfig, *Limits)) *endpoint {
	t.Helper()
	limits := DefaultLimits()
	e := &endpoint{t: t, sessions: &fakeSessions{script: s}, states: signaltest.NewStates(live), client: &http.Client{Transport: &http.Transport{}}}
	cfg := HandlerConfig{States: e.states, Limits: &limits}
	if change != nil {
		change(&cfg, &limits)
	}
	e.handler = NewHandler(e.sessions, cfg)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if e.far.Load() {
			r.RemoteAddr = "192.0.2.1:4444"
		}
		e.handler.ServeHTTP(w, r)
	}))
	e.url = server.URL
	t.Cleanup(func() {
		if err := e.handler.Close(); err != nil {
			t.Error(err)
		}
		e.client.CloseIdleConnections()
		server.Close()
		if n := e.sessions.left(); n != 0 {
			t.Errorf("%d sessions left", n)
		}
	})
	return e
}

// header are pairs.
func header(pairs ...string) http.Header {
	h := http.Header{}
	for i := 0; i < len(pairs); i += 2 {
		h.Add(pairs[i], pairs[i+1])
	}
	return h
}

// do sends a request to a path or URL and returns the answer and its body.
func (e *endpoint) do(method, to string, h http.Header, body string) (*http.Response, string) {
	e.t.Helper()
	if strings.HasPrefix(to, "/") {
		to = e.url + to
	}
	request, err := http.NewRequestWithContext(e.t.Context(), method, to, strings.NewReader(body))
	if err != nil {
		e.t.Fatal(err)
	}
	if h != nil {
		request.Header = h
	}
	response, err := e.client.Do(request)
	if err != nil {
		e.t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		e.t.Fatal(err)
	}
	return response, string(text)
}

// begin makes a session and returns its URL and ETag.
func (e *endpoint) begin() (url, etag string) {
	e.t.Helper()
	response, text := e.do("POST", Path, header("Content-Type", "application/sdp"), offer)
	if response.StatusCode != http.StatusCreated {
		e.t.Fatalf("%s: %s", response.Status, text)
	}
	location, err := response.Location()
	if err != nil {
		e.t.Fatal(err)
	}
	return location.String(), response.Header.Get("ETag")
}

func (e *endpoint) patch(url, etag, body string) (*http.Response, string) {
	e.t.Helper()
	return e.do("PATCH", url, header("Content-Type", typeFragment, "If-Match", etag), body)
}

// await waits until a condition holds.
func (e *endpoint) await(what string, holds func() bool) {
	e.t.Helper()
	timeout := time.NewTimer(20 * time.Second)
	defer timeout.Stop()
	look := time.NewTicker(time.Millisecond)
	defer look.Stop()
	for !holds() {
		select {
		case <-look.C:
		case <-timeout.C:
			e.t.Fatalf("%s: not within 20 s", what)
		}
	}
}

var errSecret = errors.New("secret path: no such file")

// from gives requests another address, as if they came over the network.
func from(address string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.RemoteAddr = net.JoinHostPort(address, "4444")
		next.ServeHTTP(w, r)
	})
}
