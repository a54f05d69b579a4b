package signal_test

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pushcam/pushcam/signal"
	"github.com/pushcam/pushcam/signal/signaltest"
)

func TestRefusals(t *testing.T) {
	refuse := func(string) error { return errors.New("sdp: no media") }
	noSuch := signaltest.Script{Choose: func(string) error { return signal.Errorf(signal.NoSuchRendition, "x") }}
	for name, c := range map[string]struct {
		script signaltest.Script
		say    []signal.Message // after the offer
		want   signal.Code      // empty: nothing
		ended  bool
	}{
		"answer refused":           {script: signaltest.Script{Answer: refuse}, say: []signal.Message{signal.Answer{ID: "a"}}, want: signal.BadMessage},
		"answer without a codec":   {script: signaltest.Script{Answer: func(string) error { return signal.Errorf(signal.NoCodec, "x") }}, say: []signal.Message{signal.Answer{ID: "a"}}, want: signal.NoCodec, ended: true},
		"candidate refused":        {script: signaltest.Script{Candidate: func(signal.Candidate) error { return errors.New("x") }}, say: []signal.Message{trickle("a", "c")}, want: signal.BadMessage},
		"second answer":            {say: []signal.Message{signal.Answer{ID: "a"}, signal.Answer{ID: "a"}}, want: signal.BadMessage},
		"quality auto":             {say: []signal.Message{signal.Quality{ID: "a", Rendition: "auto"}}},
		"quality other":            {script: noSuch, say: []signal.Message{signal.Quality{ID: "a", Rendition: "720p"}}, want: signal.NoSuchRendition},
		"restart before an answer": {say: []signal.Message{signal.Restart{ID: "a"}}, want: signal.BadMessage},
		"restart fails": {script: signaltest.Script{Reoffer: errors.New("x")},
			say: []signal.Message{signal.Answer{ID: "a"}, signal.Restart{ID: "a"}}, want: signal.Internal, ended: true},
		"another pusher":           {say: []signal.Message{signal.PushInit{}}, want: signal.BadMessage},
		"offer from a viewer":      {say: []signal.Message{signal.Offer{ID: "a"}}, want: signal.BadMessage},
		"error from a viewer":      {say: []signal.Message{&signal.Error{ID: "a"}}, want: signal.BadMessage},
		"state from a viewer":      {say: []signal.Message{signal.State{ID: "a"}}, want: signal.BadMessage},
		"stats from a viewer":      {say: []signal.Message{signal.Report{ID: "a"}}, want: signal.BadMessage},
		"candidate before the id":  {say: []signal.Message{trickle("b", "c")}},
		"answer before pull_start": {say: []signal.Message{signal.PullInit{ID: "b"}, signal.Answer{ID: "b"}}, want: signal.Gone},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				w.script("a", c.script)
				l := w.connect()
				s := l.start("a")
				l.say(c.say...)
				if c.want == "" {
					l.hears()
				} else {
					l.hears(failed(c.want, signal.IDOf(c.say[len(c.say)-1])))
				}
				if s.Closed() != c.ended {
					t.Errorf("session closed: %v, want %v", s.Closed(), c.ended)
				}
			})
		})
	}
}

func TestAnswerMayBeCorrected(t *testing.T) {
	inWorld(t, func(w *world) {
		w.script("a", signaltest.Script{Answer: func(sdp string) error {
			if sdp == "bad" {
				return errors.New("bad")
			}
			return nil
		}})
		l := w.connect()
		s := l.start("a")
		l.say(signal.Answer{ID: "a", SDP: "bad"}, signal.Answer{ID: "a", SDP: "good"})
		l.hears(failed(signal.BadMessage, "a"))
		if len(s.Answers()) != 1 {
			t.Error("the good answer was not applied")
		}
	})
}

func TestAnswerBeforeTheOffer(t *testing.T) {
	inWorld(t, func(w *world) {
		ready := make(chan struct{})
		w.script("a", signaltest.Script{OfferWait: ready})
		l := w.connect()
		l.say(signal.PullStart{ID: "a"}, trickle("a", "stale"), signal.Answer{ID: "a", SDP: "early"})
		l.hears(state("a"), failed(signal.BadMessage, "a"))
		close(ready)
		synctest.Wait()
		if s := w.session("a"); len(s.Answers())+len(s.Candidates()) != 0 {
			t.Error("the session got what belonged to none")
		}
		l.hears(w.offer("a"))
	})
}

func TestIDLimit(t *testing.T) {
	inWorld(t, func(w *world) {
		w.limits.IDs = 3
		l, other := w.connect(), w.connect()
		l.start("1")
		l.say(signal.PullInit{ID: "2"}, signal.PullInit{ID: "3"})
		l.say(signal.PullInit{ID: "4"}) // takes the place of 2, which never started
		l.hears()
		other.say(signal.PullInit{ID: "2"})
		other.hears()
		other.say(signal.PullInit{ID: "3"})
		other.hears(failed(signal.NotYours, "3"))
		l.start("3")
		l.start("4")
		l.say(signal.PullStart{ID: "5"})
		l.hears(failed(signal.TooMany, "5"))
		l.say(signal.Bye{ID: "1"})
		l.start("5")
		other.start("6")
	})
}

func TestCandidateLimit(t *testing.T) {
	inWorld(t, func(w *world) {
		w.limits.Candidates = 5
		l := w.connect()
		s := l.start("a")
		for i := range 7 {
			l.say(trickle("a", fmt.Sprint(i)))
		}
		l.hears(failed(signal.TooMany, "a"), failed(signal.TooMany, "a"))
		if n := len(s.Candidates()); n != 5 {
			t.Errorf("the session got %d candidates, want 5", n)
		}
	})
}

func TestInboxIsBounded(t *testing.T) {
	inWorld(t, func(w *world) {
		stuck := make(chan struct{})
		w.limits.Candidates = 3
		w.script("a", signaltest.Script{Candidate: func(signal.Candidate) error { <-stuck; return nil }})
		l := w.connect()
		l.start("a")
		for range 12 {
			l.say(trickle("a", "c"))
		}
		got := l.out.Take()
		if len(got) == 0 {
			t.Error("a session that hangs takes any number of messages")
		}
		l.start("b")
		close(stuck)
	})
}

func TestStrikes(t *testing.T) {
	inWorld(t, func(w *world) {
		l, other := w.connect(), w.connect()
		s := other.start("other")
		bad := signal.Errorf(signal.BadMessage, "not JSON")
		for i := range w.limits.Strikes {
			if err := l.Reject(bad); err != nil {
				t.Fatalf("closed at strike %d: %v", i+1, err)
			}
		}
		if n := len(l.out.Take()); n != w.limits.Strikes {
			t.Errorf("%d of %d bad messages were answered", n, w.limits.Strikes)
		}
		pass(w.limits.StrikeEvery)
		if err := l.Reject(bad); err != nil {
			t.Errorf("no strike was forgotten: %v", err)
		}
		var e *signal.Error
		if err := l.Reject(bad); !errors.As(err, &e) || e.Code != signal.TooMany {
			t.Errorf("one bad message too many: %v", err)
		}
		for _, m := range other.out.Take() {
			if m.Type() != signal.TypeStats {
				t.Errorf("another connection heard %#v", m)
			}
		}
		if s.Closed() {
			t.Error("another connection's session was closed")
		}
	})
}

func TestErrorsThatAreNotStrikes(t *testing.T) {
	inWorld(t, func(w *world) {
		w.script("a", signaltest.Script{Choose: func(string) error { return signal.Errorf(signal.NoSuchRendition, "x") }})
		l := w.connect()
		l.start("a")
		for range 3 * w.limits.Strikes {
			l.say(signal.Quality{ID: "a", Rendition: "720p"})
		}
	})
}

func TestRateLimit(t *testing.T) {
	inWorld(t, func(w *world) {
		w.limits.Rate, w.limits.Burst = 2, 4
		l := w.connect()
		l.start("a") // two
		l.say(trickle("a", "3"), trickle("a", "4"))
		l.hears()
		l.say(trickle("a", "5"))
		l.hears(failed(signal.TooMany, "a"))
		pass(time.Second)
		l.say(trickle("a", "6"), trickle("a", "7"))
		l.hears()
		if n := len(w.session("a").Candidates()); n != 4 {
			t.Errorf("%d candidates were added, want 4", n)
		}
	})
}

func TestRelayIsForgiving(t *testing.T) {
	inWorld(t, func(w *world) {
		w.limits = signal.RelayLimits(100)
		l := w.connect()
		s := l.start("good")
		bad := signal.Errorf(signal.BadMessage, "not JSON").For("bad")
		for range 1000 {
			if err := l.Reject(bad); err != nil {
				t.Fatal(err)
			}
		}
		if n := len(l.out.Take()); n != w.limits.Strikes {
			t.Errorf("%d bad messages were answered, want %d", n, w.limits.Strikes)
		}
		l.say(signal.Answer{ID: "good", SDP: "sdp"})
		if len(s.Answers()) != 1 {
			t.Error("the good viewer's answer was not applied")
		}
	})
}

func TestStates(t *testing.T) {
	inWorld(t, func(w *world) {
		l := w.connect()
		w.states.Set(signal.CameraState{State: signal.CameraIdle})
		l.say(signal.PullInit{ID: "a"})
		l.hears() // nothing before pull_start
		l.say(signal.PullStart{ID: "a"})
		idle := signal.State{ID: "a", Camera: signal.CameraState{State: signal.CameraIdle}}
		l.hears(idle, w.offer("a"))

		// A burst of changes is one message, with the last of them.
		for _, s := range []string{signal.CameraOpening, signal.CameraLost, signal.CameraOpening, signal.CameraLive} {
			w.states.Set(signal.CameraState{State: s})
			synctest.Wait()
		}
		l.hears()
		pass(w.limits.State)
		l.hears(state("a"))

		// After a rest a change is told at once, and one that is undone not at all.
		pass(w.limits.State)
		w.states.Set(signal.CameraState{State: signal.CameraLost, Detail: "unplugged"})
		synctest.Wait()
		l.hears(signal.State{ID: "a", Camera: signal.CameraState{State: signal.CameraLost, Detail: "unplugged"}})
		w.states.Set(live)
		w.states.Set(signal.CameraState{State: signal.CameraLost, Detail: "unplugged"})
		pass(w.limits.State)
		l.hears()
	})
}

func TestStats(t *testing.T) {
	inWorld(t, func(w *world) {
		stats := signal.Stats{Codec: "vp8", Bitrate: 2_000_000}
		w.script("a", signaltest.Script{Stats: stats})
		l := w.connect()
		l.start("a")
		pass(10 * w.limits.Stats)
		l.hears() // nothing that it has not asked for
		stats.Choice = signal.RenditionAuto
		l.say(signal.Watch{ID: "a", On: true}, signal.Watch{ID: "a", On: true})
		l.hears(signal.Report{ID: "a", Stats: stats}, signal.Report{ID: "a", Stats: stats})
		for range 3 {
			pass(w.limits.Stats)
			l.hears(signal.Report{ID: "a", Stats: stats})
		}
		l.say(signal.Watch{ID: "a"})
		pass(10 * w.limits.Stats)
		l.hears()
		l.say(signal.Watch{ID: "a", On: true}, signal.Bye{ID: "a"})
		l.hears(signal.Report{ID: "a", Stats: stats})
		pass(10 * w.limits.Stats)
		l.hears()
	})
}

func TestReasonDoesNotWaitForClose(t *testing.T) {
	inWorld(t, func(w *world) {
		closing := make(chan struct{})
		w.script("a", signaltest.Script{CloseWait: closing})
		l := w.connect()
		l.start("a").End()
		synctest.Wait()
		l.hears(failed(signal.Gone, "a"))
		l.say(signal.PullStart{ID: "a"}) // waits until the old session is closed
		l.hears()
		close(closing)
		synctest.Wait()
		l.hears(state("a"), w.offer("a"))
	})
}

// The package comment is where a viewer's author learns the codes.
func TestCodesAreDocumented(t *testing.T) {
	doc, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, code := range signal.Codes() {
		if !strings.Contains(string(doc), "//\t"+string(code)) {
			t.Errorf("doc.go does not describe %q", code)
		}
	}
}

func TestErrorMessageIsBounded(t *testing.T) {
	e := signal.Errorf(signal.BadMessage, "%s", strings.Repeat("ä", 10_000))
	if len(e.Message) > 310 || !strings.HasSuffix(e.Message, "ä...") {
		t.Errorf("%d bytes, ending in %q", len(e.Message), e.Message[len(e.Message)-10:])
	}
}
