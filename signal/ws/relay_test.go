package ws_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"

	"github.com/pushcam/pushcam/signal"
	"github.com/pushcam/pushcam/signal/signaltest"
	"github.com/pushcam/pushcam/signal/ws"
	"github.com/pushcam/pushcam/signal/ws/wstest"
)

// relayed is a pusher at a relay, in a synctest bubble.
type relayed struct {
	*server
	relay atomic.Pointer[wstest.Relay]
	down  atomic.Bool // it cannot be reached
	mute  atomic.Bool // it takes connections and says nothing
	stop  context.CancelFunc
	ended chan error // of Relay.Run
}

func (r *relayed) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	r.relay.Load().ServeHTTP(w, request)
}

func (r *relayed) dial(ctx context.Context, network, addr string) (net.Conn, error) {
	if r.down.Load() {
		return nil, errors.New("connection refused")
	}
	if r.mute.Load() {
		ours, theirs := net.Pipe()
		go func() { _, _ = io.Copy(io.Discard, theirs) }()
		return ours, nil
	}
	return r.listener.DialContext(ctx, network, addr)
}

// restart ends the relay's process, and starts it again after this time.
func (r *relayed) restart(after time.Duration) {
	r.down.Store(true)
	r.relay.Load().Close()
	pass(after)
	r.relay.Store(wstest.NewRelay())
	r.down.Store(false)
}

func atRelay(t *testing.T, test func(r *relayed)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		r := &relayed{
			server: &server{
				t:        t,
				sessions: &signaltest.Sessions{},
				states:   signaltest.NewStates(signal.CameraState{State: signal.CameraLive}),
				listener: wstest.NewListener(),
				log:      new(lockedBuffer),
			},
			ended: make(chan error, 1),
		}
		r.relay.Store(wstest.NewRelay())
		web := &http.Server{Handler: r, ReadHeaderTimeout: time.Minute}
		served := make(chan error, 1)
		go func() { served <- web.Serve(r.listener) }()

		log := slog.New(slog.NewTextHandler(r.log, nil))
		pusher, err := ws.NewRelay(signal.NewExchange(r.sessions, r.states, log),
			ws.RelayConfig{URL: "ws://relay:1990/push", Viewers: 100, Log: log, Dial: r.dial})
		if err != nil {
			t.Fatal(err)
		}
		var ctx context.Context
		ctx, r.stop = context.WithCancel(t.Context())
		defer r.stop()
		go func() { r.ended <- pusher.Run(ctx) }()
		synctest.Wait()

		test(r)

		r.stop()
		if err := <-r.ended; err != nil {
			t.Error(err)
		}
		for _, p := range r.pages {
			p.close()
		}
		r.relay.Load().Close()
		_ = web.Close()
		<-served
		if n := r.sessions.OpenCount(); n != 0 {
			t.Errorf("%d sessions open at the end", n)
		}
	})
}

func TestRelayBringsViewers(t *testing.T) {
	atRelay(t, func(r *relayed) {
		for _, id := range []string{"a", "b", "c"} {
			p := r.open()
			p.start(id)
			if o := p.offer(); o.ID != id {
				t.Errorf("viewer %s was offered %+v", id, o)
			}
			p.say(`{"type":"answer","id":"` + id + `","answer":{"type":"answer","sdp":"of ` + id + `"}}`)
			if got := r.sessions.Of(id).Answers(); !slices.Equal(got, []string{"of " + id}) {
				t.Errorf("session %s got answers %q", id, got)
			}
		}
		r.sessions.Of("b").End() // its viewer has vanished
		synctest.Wait()
		if !r.sessions.Of("b").Closed() || r.sessions.Of("a").Closed() || r.sessions.Of("c").Closed() {
			t.Error("want the session that ended closed, and no other")
		}
		p := r.open()
		p.start("b")
		p.offer()
	})
}

func TestRelayForgetsThePusher(t *testing.T) {
	atRelay(t, func(r *relayed) {
		a, b := r.open(), r.open()
		a.start("a")
		b.close() // and the relay knows no pusher any more
		synctest.Wait()
		if r.relay.Load().HasPusher() {
			t.Fatal("the relay has not forgotten the pusher")
		}
		pass(2 * time.Second)
		c := r.open()
		c.start("c")
		c.offer()
		a.alive(r.server, "a")
		if r.log.count("msg=") != 1 {
			t.Error("that is not worth a line in the log")
		}
	})
}

func TestRelayRestarts(t *testing.T) {
	for name, after := range map[string]time.Duration{"at once": 0, "after an hour": time.Hour} {
		t.Run(name, func(t *testing.T) {
			atRelay(t, func(r *relayed) {
				for _, id := range []string{"first", "second", "third"} {
					p := r.open()
					p.start(id)
					p.offer()
					r.restart(after)
					pass(11 * time.Second)
					if !r.relay.Load().HasPusher() {
						t.Fatal("the pusher is not back 11 s after the relay")
					}
				}
				// Pictures do not go through the relay: they go on.
				for _, s := range r.sessions.All() {
					if s.Closed() {
						t.Errorf("the session of %q did not outlive the relay", s.Viewer.ID)
					}
				}
				if up, lost := r.log.count("relay connected"), r.log.count("relay not connected"); up != 4 || lost != 3 {
					t.Errorf("logged %d connects and %d losses, want 4 and 3", up, lost)
				}
			})
		})
	}
}

func TestRelayThatHangs(t *testing.T) {
	atRelay(t, func(r *relayed) {
		r.mute.Store(true)
		r.relay.Load().Close()
		pass(time.Minute)
		if n := r.log.count("relay not connected"); n != 1 {
			t.Errorf("a relay that hangs was logged %d times, want once", n)
		}
		r.stop()
		begin := time.Now()
		err := <-r.ended
		if took := time.Since(begin); err != nil || took > time.Second {
			t.Errorf("Run returned %v after %v", err, took)
		}
		r.ended <- nil // for the end of the test
	})
}

func TestRelayStop(t *testing.T) {
	atRelay(t, func(r *relayed) {
		p := r.open()
		p.start("a")
		p.take()
		r.stop()
		err := <-r.ended
		synctest.Wait()
		if got := p.errors(); err != nil || !slices.Equal(got, []signal.Code{signal.Gone}) {
			t.Errorf("Run returned %v, the viewer was told %q", err, got)
		}
		if !r.sessions.Of("a").Closed() {
			t.Error("the session is open")
		}
		r.ended <- nil
	})
}

func TestRelayBadViewerHurtsNobody(t *testing.T) {
	atRelay(t, func(r *relayed) {
		good, bad := r.open(), r.open()
		good.start("good")
		good.offer()
		for range 200 {
			bad.say(`{"type":"nonsense","id":"bad"}`)
		}
		if err := bad.WriteMessage(websocket.TextMessage, []byte(strings.Repeat(" ", signal.MaxMessage)+`{}`)); err != nil {
			t.Fatal(err)
		}
		good.say(`{"type":"answer","id":"good","answer":{"type":"answer","sdp":"v=0"}}`)
		good.alive(r.server, "good")
		if len(r.sessions.Of("good").Answers()) != 1 {
			t.Error("the good viewer's answer was not applied")
		}
		if r.log.count("relay not connected") != 0 {
			t.Error("the connection to the relay was lost")
		}
	})
}

func TestNewRelayRefuses(t *testing.T) {
	for _, url := range []string{"", "relay:1990", "http://relay:1990", "ws://", "ws://%zz"} {
		if _, err := ws.NewRelay(nil, ws.RelayConfig{URL: url}); err == nil {
			t.Errorf("NewRelay took url %q", url)
		}
	}
}
