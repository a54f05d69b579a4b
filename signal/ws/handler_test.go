package ws_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"

	"github.com/pushcam/pushcam/signal"
	"github.com/pushcam/pushcam/signal/signaltest"
	"github.com/pushcam/pushcam/signal/ws"
)

func TestTwoOldPagesAtOnce(t *testing.T) {
	serve(t, ws.HandlerConfig{}, func(s *server) {
		pages := map[string]*page{"1io0.1": s.open(), "2io0.2": s.open()}
		for id, p := range pages {
			p.start(id)
			if o := p.offer(); o.ID != id || o.SDP != s.sessions.Of(id).SDP() {
				t.Errorf("page %s was offered %+v", id, o)
			}
		}
		for id, p := range pages {
			p.say(
				`{"type":"candidate","num":1,"id":"`+id+`","candidate":{"candidate":"candidate:1 1 udp 1 192.0.2.9 9 typ host","sdpMid":"0","sdpMLineIndex":0}}`,
				`{"type":"answer","id":"`+id+`","answer":{"type":"answer","sdp":"answer of `+id+`"}}`,
			)
			session := s.sessions.Of(id)
			if got := session.Answers(); !slices.Equal(got, []string{"answer of " + id}) || len(session.Candidates()) != 1 {
				t.Errorf("session %s got answers %q, candidates %v", id, got, session.Candidates())
			}
		}
		pass(signal.DefaultLimits().State)
		s.states.Set(signal.CameraState{State: signal.CameraLost})
		synctest.Wait()
		for id, p := range pages {
			if heard := p.take(); len(heard) != 1 || signal.IDOf(heard[0]) != id || heard[0].Type() != signal.TypeState {
				t.Errorf("page %s heard %v, want the camera's state", id, heard)
			}
		}
		pages["1io0.1"].close()
		synctest.Wait()
		if !s.sessions.Of("1io0.1").Closed() {
			t.Error("the session of a page that left is open")
		}
		pages["2io0.2"].alive(s, "2io0.2")
		if n := s.log.count("signaling connection ended"); n != 1 {
			t.Errorf("%d connections were logged, want the one that ended", n)
		}
	})
}

// TestPullWithTheRequest: an id in the URL is a pull_start.
func TestPullWithTheRequest(t *testing.T) {
	serve(t, ws.HandlerConfig{}, func(s *server) {
		p := s.openAt("/ws?pull=a%20b")
		if o := p.offer(); o.ID != "a b" || o.SDP != s.sessions.Of("a b").SDP() {
			t.Errorf("the page was offered %+v", o)
		}
		p.alive(s, "a b")
		for _, bad := range []string{strings.Repeat("x", signal.MaxID+1), "%ff"} {
			if got := s.openAt("/ws?pull=" + bad).errors(); !slices.Equal(got, []signal.Code{signal.BadMessage}) {
				t.Errorf("an id like %.9s...: told %q", bad, got)
			}
		}
		if got := s.openAt("/ws?pull=a%20b").errors(); !slices.Equal(got, []signal.Code{signal.NotYours}) {
			t.Errorf("another's id: told %q", got)
		}
		if heard := s.openAt("/ws?pull=").take(); len(heard) != 0 {
			t.Errorf("without an id: told %v", heard)
		}
	})
}

func TestSameIDTwice(t *testing.T) {
	serve(t, ws.HandlerConfig{}, func(s *server) {
		first, second := s.open(), s.open()
		first.start("a")
		second.start("a")
		if got := second.errors(); !slices.Equal(got, []signal.Code{signal.NotYours, signal.NotYours}) {
			t.Errorf("the second page was told %q", got)
		}
		first.alive(s, "a")
	})
}

func TestBadInputClosesOnlyItsConnection(t *testing.T) {
	for name, text := range map[string]string{
		"not JSON":     `hello`,
		"unknown type": `{"type":"hello","id":"b"}`,
		"too long":     strings.Repeat(" ", signal.MaxMessage+1),
		"another's id": `{"type":"answer","id":"a","answer":{"type":"answer","sdp":"stolen"}}`,
	} {
		t.Run(name, func(t *testing.T) {
			serve(t, ws.HandlerConfig{}, func(s *server) {
				good, bad := s.open(), s.open()
				good.start("a")
				bad.start("b")
				bad.take()
				limit := signal.DefaultLimits().Strikes
				for range limit {
					bad.say(text)
				}
				if got := bad.errors(); len(got) != limit {
					t.Errorf("%d of %d bad messages were answered: %q", len(got), limit, got)
				}
				bad.say(text)
				bad.ended(websocket.ClosePolicyViolation)
				if !s.sessions.Of("b").Closed() {
					t.Error("its session is open")
				}
				good.alive(s, "a")
			})
		})
	}
}

func TestBinaryIsRefused(t *testing.T) {
	serve(t, ws.HandlerConfig{}, func(s *server) {
		p := s.open()
		if err := p.WriteMessage(websocket.BinaryMessage, []byte(`{"type":"pull_start","id":"a"}`)); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if got := p.errors(); !slices.Equal(got, []signal.Code{signal.BadMessage}) {
			t.Errorf("page was told %q", got)
		}
		p.start("a")
		p.alive(s, "a")
	})
}

func TestHugeMessageClosesAtOnce(t *testing.T) {
	serve(t, ws.HandlerConfig{}, func(s *server) {
		p := s.open()
		// The server does not take all of it, so it cannot all be written.
		_ = p.WriteMessage(websocket.TextMessage, make([]byte, 2<<20))
		p.ended(websocket.CloseMessageTooBig)
	})
}

func TestSilentPeerIsClosed(t *testing.T) {
	serve(t, ws.HandlerConfig{}, func(s *server) {
		mute, well := s.open(), s.open()
		mute.SetPingHandler(func(string) error { return nil })
		mute.start("mute")
		well.start("well")
		pass(76 * time.Second)
		if !s.sessions.Of("mute").Closed() {
			t.Error("the session of a silent page is open after 76 s")
		}
		if s.log.count("nothing heard for 1m15s") != 1 {
			t.Error("the log does not say why it was closed")
		}
		pass(time.Hour)
		well.alive(s, "well")
	})
}

func TestPageThatDoesNotReadIsClosed(t *testing.T) {
	for name, c := range map[string]struct {
		stats  time.Duration // between messages to it, while it does not read
		within time.Duration
	}{
		"few messages":  {time.Minute, 11 * time.Second}, // a write times out
		"many messages": {time.Millisecond, time.Second}, // the queue is full
	} {
		t.Run(name, func(t *testing.T) {
			limits := signal.DefaultLimits()
			limits.Stats = c.stats
			serve(t, ws.HandlerConfig{Limits: &limits}, func(s *server) {
				well := s.open()
				well.start("well")
				defer s.deaf("deaf").Close()
				pass(c.within)
				if !s.sessions.Of("deaf").Closed() {
					t.Errorf("the session of a page that does not read is open after %v", c.within)
				}
				well.alive(s, "well")
			})
		})
	}
}

func TestPingFlood(t *testing.T) {
	serve(t, ws.HandlerConfig{}, func(s *server) {
		p := s.open()
		pongs := 0 // the page's reader counts; read after it has ended
		p.SetPongHandler(func(string) error { pongs++; return nil })
		for range 1000 {
			if err := p.WriteControl(websocket.PingMessage, nil, time.Now().Add(time.Second)); err != nil {
				t.Fatal(err)
			}
		}
		p.start("a")
		p.alive(s, "a")
		p.close()
		if pongs == 0 || pongs > 50 {
			t.Errorf("%d pongs to 1000 pings, want some", pongs)
		}
	})
}

func TestClose(t *testing.T) {
	for name, wait := range map[string]bool{"at rest": false, "while opening": true} {
		t.Run(name, func(t *testing.T) {
			serve(t, ws.HandlerConfig{}, func(s *server) {
				if wait {
					never := make(chan struct{})
					s.sessions.Script = func(signal.ViewerInfo) signaltest.Script { return signaltest.Script{OfferWait: never} }
				}
				p := s.open()
				p.start("a")
				if err := s.handler.Close(); err != nil {
					t.Error(err)
				}
				p.ended(websocket.CloseGoingAway)
				if got := p.errors(); !slices.Equal(got, []signal.Code{signal.Gone}) {
					t.Errorf("page was told %q", got)
				}
				if !s.sessions.Of("a").Closed() {
					t.Error("the session is open")
				}
				_, response, err := s.connect(nil)
				if err == nil || response.StatusCode != http.StatusServiceUnavailable {
					t.Errorf("a connection after Close: %v, %v", response, err)
				}
			})
		})
	}
}

func TestCloseIsBounded(t *testing.T) {
	serve(t, ws.HandlerConfig{}, func(s *server) {
		hang := make(chan struct{})
		s.sessions.Script = func(signal.ViewerInfo) signaltest.Script { return signaltest.Script{CloseWait: hang} }
		defer s.deaf("a").Close()
		begin := time.Now()
		_ = s.handler.Close()
		if took := time.Since(begin); took > 3*time.Second {
			t.Errorf("Close took %v", took)
		}
		if s.log.count("sessions still open") != 1 {
			t.Error("the log does not say that a session would not close")
		}
		close(hang)
		synctest.Wait()
	})
}

func TestMaxConnections(t *testing.T) {
	serve(t, ws.HandlerConfig{MaxConnections: 2}, func(s *server) {
		first := s.open()
		s.open()
		_, response, err := s.connect(nil)
		if err == nil || response.StatusCode != http.StatusServiceUnavailable || response.Header.Get("Retry-After") == "" {
			t.Fatalf("third connection: %v, %v", response, err)
		}
		first.close()
		synctest.Wait()
		s.open().start("a")
	})
}

func TestOrigin(t *testing.T) {
	listed := func(r *http.Request) bool { return r.Header.Get("Origin") == "http://listed.example" }
	for name, c := range map[string]struct {
		check  func(*http.Request) bool
		origin string
		want   bool
	}{
		"none":              {nil, "", true},
		"same":              {nil, "http://pushcam:1990", true},
		"other":             {nil, "http://evil.example", false},
		"listed":            {listed, "http://listed.example", true},
		"not listed":        {listed, "http://pushcam:1990", false},
		"of no page at all": {nil, "null", false},
	} {
		t.Run(name, func(t *testing.T) {
			serve(t, ws.HandlerConfig{CheckOrigin: c.check}, func(s *server) {
				header := http.Header{}
				if c.origin != "" {
					header.Set("Origin", c.origin)
				}
				socket, response, err := s.connect(header)
				if err == nil {
					defer socket.Close()
				}
				if (err == nil) != c.want || !c.want && response.StatusCode != http.StatusForbidden {
					t.Errorf("origin %q: %v, %v", c.origin, response.Status, err)
				}
			})
		})
	}
}
