package ws_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gorilla/websocket"

	"github.com/pushcam/pushcam/signal"
	"github.com/pushcam/pushcam/signal/signaltest"
	"github.com/pushcam/pushcam/signal/ws"
)

// listen serves a Handler on a real socket.
func listen(t *testing.T) (url string, sessions *signaltest.Sessions, handler *ws.Handler) {
	t.Helper()
	sessions = new(signaltest.Sessions)
	states := signaltest.NewStates(signal.CameraState{State: signal.CameraIdle})
	handler = ws.NewHandler(signal.NewExchange(sessions, states, nil), ws.HandlerConfig{})
	web := httptest.NewServer(handler)
	t.Cleanup(func() {
		if err := handler.Close(); err != nil {
			t.Error(err)
		}
		web.Close()
	})
	return "ws" + strings.TrimPrefix(web.URL, "http") + "/signal", sessions, handler
}

func receive[M signal.Message](t *testing.T, c *ws.Client) M {
	t.Helper()
	for {
		m, err := c.Receive(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if m, ok := m.(M); ok {
			return m
		}
	}
}

func TestClientIsAViewer(t *testing.T) {
	url, sessions, handler := listen(t)
	c, err := ws.Dial(t.Context(), url, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for _, m := range []signal.Message{signal.PullInit{ID: "a"}, signal.PullStart{ID: "a"}} {
		if err := c.Send(m); err != nil {
			t.Fatal(err)
		}
	}
	if state := receive[signal.State](t, c); state.Camera.State != signal.CameraIdle {
		t.Errorf("received %+v", state)
	}
	if offer := receive[signal.Offer](t, c); offer.SDP != sessions.Of("a").SDP() {
		t.Errorf("received %+v", offer)
	}
	if err := c.Send(signal.Answer{ID: "a", SDP: "first"}); err != nil {
		t.Fatal(err)
	}
	if err := c.Send(signal.Answer{ID: "a", SDP: "second"}); err != nil {
		t.Fatal(err)
	}
	if e := receive[*signal.Error](t, c); e.Code != signal.BadMessage || e.ID != "a" {
		t.Errorf("received %v", e)
	}
	// Answers the close while the handler waits for it.
	told := make(chan *signal.Error, 1)
	go func() { told <- receive[*signal.Error](t, c) }()
	_ = handler.Close()
	if e := <-told; e.Code != signal.Gone {
		t.Errorf("received %v, want that the server ends", e)
	}
	if m, err := c.Receive(t.Context()); err == nil {
		t.Errorf("received %v from a server that is closed", m)
	}
}

// Behind a relay there may be any pusher: one that trickles, or a newer one.
func TestClientAndAnotherPusher(t *testing.T) {
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		socket, err := new(websocket.Upgrader).Upgrade(w, r, nil)
		if err != nil {
			t.Error(err)
			return
		}
		defer socket.Close()
		for _, text := range []string{
			`{"type":"invented later","id":"a"}`,
			`{"type":"candidate","id":"a","candidate":{"candidate":"candidate:1 1 udp 1 192.0.2.1 1990 typ host","sdpMid":"0","sdpMLineIndex":0}}`,
		} {
			if err := socket.WriteMessage(websocket.TextMessage, []byte(text)); err != nil {
				t.Error(err)
			}
		}
		_, _, _ = socket.ReadMessage() // until the client has left
	}))
	defer web.Close()
	c, err := ws.Dial(t.Context(), "ws"+strings.TrimPrefix(web.URL, "http"), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	m, err := c.Receive(t.Context())
	if trickle, ok := m.(signal.Trickle); !ok || trickle.ID != "a" || trickle.Candidate.Candidate == "" {
		t.Errorf("received %#v, %v, want the candidate", m, err)
	}
}

func TestClientLeaves(t *testing.T) {
	url, sessions, _ := listen(t)
	c, err := ws.Dial(t.Context(), url, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Send(signal.PullStart{ID: "a"}); err != nil {
		t.Fatal(err)
	}
	receive[signal.Offer](t, c)
	for range 2 {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	}
	<-sessions.Of("a").Done()
	if err := c.Send(signal.Bye{ID: "a"}); err == nil {
		t.Error("Send after Close: no error")
	}
}

// TestRequestEnds: the end of the request's context, whose cause the viewer is
// told, ends its sessions and the connection, and nobody else's.
func TestRequestEnds(t *testing.T) {
	sessions := new(signaltest.Sessions)
	states := signaltest.NewStates(signal.CameraState{State: signal.CameraIdle})
	handler := ws.NewHandler(signal.NewExchange(sessions, states, nil), ws.HandlerConfig{})
	ctx, end := context.WithCancelCause(t.Context())
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/ends" {
			r = r.WithContext(ctx)
		}
		handler.ServeHTTP(w, r)
	}))
	defer web.Close()
	view := func(path, id string) *ws.Client {
		c, err := ws.Dial(t.Context(), "ws"+strings.TrimPrefix(web.URL, "http")+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = c.Close() })
		if err := c.Send(signal.PullStart{ID: id}); err != nil {
			t.Fatal(err)
		}
		receive[signal.Offer](t, c)
		return c
	}
	ends, stays := view("/ends", "a"), view("/stays", "b")
	end(errors.New("the login has ended"))
	if e := receive[*signal.Error](t, ends); e.Code != signal.Gone || !strings.Contains(e.Message, "login has ended") {
		t.Errorf("told %v", e)
	}
	<-sessions.Of("a").Done()
	if m, err := ends.Receive(t.Context()); err == nil {
		t.Errorf("the connection is there, and says %v", m)
	}
	closed := sessions.Of("b").Closed()
	if err := stays.Send(signal.Bye{ID: "b"}); err != nil || closed {
		t.Errorf("the other viewer: %v, closed %t", err, closed)
	}
	if err := handler.Close(); err != nil {
		t.Error(err)
	}
}

func TestReceiveEndsWithItsContext(t *testing.T) {
	url, _, _ := listen(t)
	c, err := ws.Dial(t.Context(), url, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if m, err := c.Receive(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("Receive = %v, %v, want context.Canceled", m, err)
	}
}

func TestDialSaysWhatTheServerAnswered(t *testing.T) {
	web := httptest.NewServer(http.NotFoundHandler())
	defer web.Close()
	_, err := ws.Dial(t.Context(), "ws"+strings.TrimPrefix(web.URL, "http"), nil)
	if err == nil || !strings.Contains(err.Error(), "404 Not Found: 404 page") {
		t.Errorf("Dial: %v, want the status in it", err)
	}
	moved := httptest.NewServer(http.RedirectHandler("https://pi.local:1990/?secret=1", http.StatusTemporaryRedirect))
	defer moved.Close()
	_, err = ws.Dial(t.Context(), "ws"+strings.TrimPrefix(moved.URL, "http"), nil)
	if err == nil || !strings.Contains(err.Error(), "see https://pi.local:1990") || strings.Contains(err.Error(), "secret") {
		t.Errorf("Dial: %v, want where to look", err)
	}
	if _, err := ws.Dial(t.Context(), web.URL, nil); err == nil || !strings.Contains(err.Error(), "want ws://") {
		t.Errorf("Dial of an http URL: %v", err)
	}
}

func TestDialEndsWithItsContext(t *testing.T) {
	// A server that accepts and never answers.
	mute, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer mute.Close()
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		if c, err := mute.Accept(); err == nil {
			cancel()
			_, _ = c.Read(make([]byte, 1<<16))
			_, _ = c.Read(make([]byte, 1)) // until the client has left
			_ = c.Close()
		}
	}()
	if _, err := ws.Dial(ctx, "ws://"+mute.Addr().String(), nil); !errors.Is(err, context.Canceled) {
		t.Errorf("Dial: %v, want context.Canceled", err)
	}
}
