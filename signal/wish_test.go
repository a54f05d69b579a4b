package signal_test

import (
	"slices"
	"testing"
	"testing/synctest"

	"github.com/pushcam/pushcam/signal"
	"github.com/pushcam/pushcam/signal/signaltest"
)

// TestRestartICE: the session makes another offer, which is answered like the
// first one; the viewer keeps its session, its choice and its stats.
func TestRestartICE(t *testing.T) {
	inWorld(t, func(w *world) {
		l := w.connect()
		s := l.start("a")
		l.say(signal.Answer{ID: "a", SDP: "first"})
		for _, answer := range []string{"second", "third"} {
			l.say(signal.Restart{ID: "a"})
			l.hears(l.offer("a"))
			l.say(trickle("a", "theirs"), signal.Answer{ID: "a", SDP: answer})
			l.hears()
		}
		if got := s.Answers(); !slices.Equal(got, []string{"first", "second", "third"}) || len(s.Candidates()) != 2 {
			t.Errorf("answers %q, candidates %v", got, s.Candidates())
		}
		if len(w.sessions.All()) != 1 || s.Closed() {
			t.Error("it is another session")
		}
	})
}

// TestRestartUnderWay: while an offer is being made anew nothing else is done
// for it, and the end of the connection does not wait.
func TestRestartUnderWay(t *testing.T) {
	inWorld(t, func(w *world) {
		ready := make(chan struct{}, 1)
		w.script("a", signaltest.Script{OfferWait: ready})
		l := w.connect()
		ready <- struct{}{}
		s := l.start("a")
		l.say(signal.Answer{ID: "a", SDP: "first"}, signal.Restart{ID: "a"})
		l.hears()
		l.say(signal.Restart{ID: "a"}, signal.Answer{ID: "a", SDP: "early"}, trickle("a", "stale"))
		l.hears(failed(signal.BadMessage, "a"), failed(signal.BadMessage, "a"))
		if err := l.Close(nil); err != nil {
			t.Error(err)
		}
		if len(s.Answers()) != 1 || len(s.Candidates()) != 0 || !s.Closed() {
			t.Errorf("answers %q, candidates %v, closed %v", s.Answers(), s.Candidates(), s.Closed())
		}
	})
}

// TestQuality: a choice reaches the session and the stats, also one that came
// before there was a session; one that there is not changes nothing.
func TestQuality(t *testing.T) {
	inWorld(t, func(w *world) {
		ready := make(chan struct{})
		w.script("a", signaltest.Script{OfferWait: ready, Choose: func(rendition string) error {
			if rendition == "none" {
				return signal.Errorf(signal.NoSuchRendition, "x")
			}
			return nil
		}})
		l := w.connect()
		chose := func(want string) signal.Message {
			return signal.Report{ID: "a", Stats: signal.Stats{Choice: want}}
		}
		l.say(signal.PullStart{ID: "a"}, signal.Quality{ID: "a", Rendition: "half"}, signal.Watch{ID: "a", On: true})
		l.hears(state("a"))
		close(ready)
		synctest.Wait()
		l.hears(l.offer("a"))
		pass(w.limits.Stats)
		l.hears(chose("half"))
		l.say(signal.Quality{ID: "a", Rendition: "none"})
		l.hears(failed(signal.NoSuchRendition, "a"))
		l.say(signal.Quality{ID: "a", Rendition: "auto"})
		pass(w.limits.Stats)
		l.hears(chose("auto"))
		if got := w.session("a").Chosen(); !slices.Equal(got, []string{"half", "auto"}) {
			t.Errorf("the session was told %q", got)
		}
	})
}
