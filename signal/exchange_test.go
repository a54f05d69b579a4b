package signal_test

import (
	"bytes"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pushcam/pushcam/signal"
	"github.com/pushcam/pushcam/signal/signaltest"
)

func TestOldViewer(t *testing.T) {
	inWorld(t, func(w *world) {
		l := w.connect()
		s := l.start("a")
		if want := (signal.ViewerInfo{ID: "a", RemoteAddr: "192.0.2.1:4242", UserAgent: "test"}); s.Viewer != want {
			t.Errorf("opened for %+v, want %+v", s.Viewer, want)
		}
		l.say(trickle("a", "before"), signal.Answer{ID: "a", SDP: "sdp"}, trickle("a", "after"), trickle("a", ""))
		l.hears()
		if got := s.Answers(); !slices.Equal(got, []string{"sdp"}) {
			t.Errorf("answers %q", got)
		}
		if got := s.Candidates(); len(got) != 2 || got[0].Candidate != "before" || got[1].Candidate != "after" {
			t.Errorf("candidates %v, want before and after", got)
		}
	})
}

func TestStartWithoutInit(t *testing.T) {
	inWorld(t, func(w *world) {
		l := w.connect()
		l.say(signal.PullStart{ID: "a"})
		l.hears(state("a"), w.offer("a"))
	})
}

func TestIDBelongsToItsConnection(t *testing.T) {
	inWorld(t, func(w *world) {
		owner, thief := w.connect(), w.connect()
		s := owner.start("a")
		for _, m := range []signal.Message{
			signal.PullInit{ID: "a"},
			signal.PullStart{ID: "a"},
			signal.Answer{ID: "a", SDP: "theirs"},
			trickle("a", "theirs"),
			signal.Quality{ID: "a", Rendition: signal.RenditionAuto},
			signal.Restart{ID: "a"},
			signal.Watch{ID: "a", On: true},
			signal.Bye{ID: "a"},
		} {
			thief.say(m)
			thief.hears(failed(signal.NotYours, "a"))
		}
		pass(w.limits.State)
		lost := signal.CameraState{State: signal.CameraLost, Detail: "unplugged"}
		w.states.Set(lost)
		synctest.Wait()
		thief.hears()
		owner.hears(signal.State{ID: "a", Camera: lost})
		if len(s.Answers())+len(s.Candidates()) != 0 || s.Closed() {
			t.Errorf("the owner's session was touched: %q, %v, closed %v", s.Answers(), s.Candidates(), s.Closed())
		}
	})
}

func TestIDIsFreedWhenItsOwnerIsDone(t *testing.T) {
	for name, done := range map[string]func(w *world, owner *line){
		"bye":                func(w *world, owner *line) { owner.say(signal.Bye{ID: "a"}) },
		"connection closed":  func(w *world, owner *line) { _ = owner.Close(nil) },
		"session ended":      func(w *world, owner *line) { w.session("a").End() },
		"bye after restarts": func(w *world, owner *line) { owner.say(signal.PullStart{ID: "a"}, signal.Bye{ID: "a"}) },
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				owner, next := w.connect(), w.connect()
				s := owner.start("a")
				done(w, owner)
				synctest.Wait()
				if !s.Closed() {
					t.Error("the first session is open")
				}
				next.start("a")
			})
		})
	}
}

func TestAnnouncedIDIsFreedToo(t *testing.T) {
	inWorld(t, func(w *world) {
		owner, next := w.connect(), w.connect()
		owner.say(signal.PullInit{ID: "a"}, signal.PullInit{ID: "b"})
		next.say(signal.PullInit{ID: "a"}, signal.PullInit{ID: "b"})
		next.hears(failed(signal.NotYours, "a"), failed(signal.NotYours, "b"))
		owner.say(signal.Bye{ID: "a"})
		_ = owner.Close(nil)
		next.start("a")
		next.start("b")
		owner.hears()
	})
}

func TestRestart(t *testing.T) {
	inWorld(t, func(w *world) {
		closing := make(chan struct{})
		w.script("a", signaltest.Script{CloseWait: closing})
		l := w.connect()
		first := l.start("a")
		l.say(signal.PullStart{ID: "a"}, signal.PullStart{ID: "a"})
		if w.session("a") != first {
			t.Error("the second session was opened before the first was closed")
		}
		l.say(signal.Answer{ID: "a", SDP: "to the first"}, trickle("a", "to the first"))
		close(closing)
		synctest.Wait()
		second := w.session("a")
		l.hears(state("a"), w.offer("a"))
		if second == first || !first.Closed() || len(w.sessions.All()) != 2 {
			t.Fatalf("%d sessions, first closed: %v", len(w.sessions.All()), first.Closed())
		}
		l.say(signal.Answer{ID: "a", SDP: "to the second"})
		l.hears()
		if got := second.Answers(); !slices.Equal(got, []string{"to the second"}) || len(second.Candidates()) != 0 {
			t.Errorf("second session got answers %q, candidates %v", got, second.Candidates())
		}
	})
}

func TestSlowOpenHoldsUpNobody(t *testing.T) {
	inWorld(t, func(w *world) {
		never := make(chan struct{})
		w.script("slow", signaltest.Script{OfferWait: never})
		l := w.connect()
		l.say(signal.PullStart{ID: "slow"})
		l.hears(state("slow"))
		s := l.start("quick")
		l.say(signal.Answer{ID: "quick", SDP: "sdp"})
		if len(s.Answers()) != 1 {
			t.Error("the quick viewer's answer was not applied")
		}
		// It hears of the camera even while it waits.
		opening := signal.CameraState{State: signal.CameraOpening, Detail: "x"}
		pass(w.limits.State)
		w.states.Set(opening)
		synctest.Wait()
		if got := l.out.Take(); len(got) != 2 {
			t.Errorf("heard %s, want two states", show(got))
		}
		pass(w.limits.Open)
		if got := l.out.Take(); !slices.ContainsFunc(got, func(m signal.Message) bool {
			e, ok := m.(*signal.Error)
			return ok && e.Code == signal.Internal && e.ID == "slow"
		}) {
			t.Errorf("heard %s, want the end of the wait", show(got))
		}
		if !w.session("slow").Closed() || s.Closed() {
			t.Error("want the slow session closed, and only it")
		}
	})
}

func TestCloseWhileOpening(t *testing.T) {
	inWorld(t, func(w *world) {
		w.script("a", signaltest.Script{OfferWait: make(chan struct{})})
		l := w.connect()
		l.say(signal.PullStart{ID: "a"})
		if err := l.Close(nil); err != nil {
			t.Error(err)
		}
		if !w.session("a").Closed() {
			t.Error("the session is open")
		}
		l.hears(state("a"))
		if err := l.Receive(signal.PullStart{ID: "a"}); err != nil {
			t.Error(err)
		}
		l.hears(failed(signal.Gone, "a"))
	})
}

func TestCloseIsParallelAndBounded(t *testing.T) {
	inWorld(t, func(w *world) {
		hang := make(chan struct{})
		w.script("hangs", signaltest.Script{CloseWait: hang})
		l := w.connect()
		l.start("hangs")
		well := l.start("well")
		begin := time.Now()
		err := l.Close(&signal.Error{Code: signal.Gone, Message: "the server is shutting down"})
		if err == nil || time.Since(begin) != w.limits.Close {
			t.Errorf("Close returned %v after %v", err, time.Since(begin))
		}
		if !well.Closed() {
			t.Error("the other session is open")
		}
		told := make(map[string]bool)
		for _, m := range l.out.Take() {
			e, ok := m.(*signal.Error)
			told[signal.IDOf(m)] = ok && e.Code == signal.Gone
		}
		if !told["hangs"] || !told["well"] {
			t.Errorf("told %v, want both that it is over", told)
		}

		other := w.connect()
		other.say(signal.PullInit{ID: "hangs"})
		other.hears(failed(signal.NotYours, "hangs"))
		close(hang)
		synctest.Wait()
		other.start("hangs")
	})
}

func TestSessionEndsByItself(t *testing.T) {
	inWorld(t, func(w *world) {
		l := w.connect()
		l.start("a").End()
		synctest.Wait()
		l.hears(failed(signal.Gone, "a"))
		// What was on its way is no offence; an answer is told that it is late.
		l.say(trickle("a", "late"), signal.Bye{ID: "a"}, signal.Answer{ID: "a", SDP: "late"})
		l.hears(failed(signal.Gone, "a"))
		l.say(signal.PullStart{ID: "a"})
		l.hears(state("a"), w.offer("a"))
	})
}

func TestOpenFails(t *testing.T) {
	full := &signal.Error{Code: signal.Full, Message: "100 of 100 viewers"}
	for name, c := range map[string]struct {
		script signaltest.Script
		want   signal.Code
		logged bool
	}{
		"told":                {signaltest.Script{Open: full}, signal.Full, false},
		"told, wrapped":       {signaltest.Script{Open: errors.Join(errors.New("hub"), full)}, signal.Full, false},
		"not told":            {signaltest.Script{Open: errors.New("secret path")}, signal.Internal, true},
		"offer":               {signaltest.Script{Offer: errors.New("secret path")}, signal.Internal, true},
		"offer without codec": {signaltest.Script{Offer: signal.Errorf(signal.NoCodec, "x")}, signal.NoCodec, false},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				w.script("a", c.script)
				l := w.connect()
				l.say(signal.PullStart{ID: "a"})
				got := l.out.Take()
				if len(got) != 2 {
					t.Fatalf("heard %s, want a state and an error", show(got))
				}
				e, ok := got[1].(*signal.Error)
				if !ok || e.Code != c.want || e.ID != "a" || bytes.Contains([]byte(e.Message), []byte("secret")) {
					t.Errorf("heard %#v, want %s", got[1], c.want)
				}
				if logged := bytes.Contains(w.log.Bytes(), []byte("secret path")); logged != c.logged {
					t.Errorf("logged: %v, want %v: %s", logged, c.logged, w.log)
				}
				l.start("b")
			})
		})
	}
}
