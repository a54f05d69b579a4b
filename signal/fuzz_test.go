package signal_test

import (
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pushcam/pushcam/signal"
	"github.com/pushcam/pushcam/signal/signaltest"
)

// FuzzConversation lets three connections say whatever they like about a few
// ids, to sessions that open, answer and end in every way, and holds the
// exchange to its invariants. Each byte of the script is one step.
func FuzzConversation(f *testing.F) {
	for _, seed := range []string{
		"\x00\x01\x02\x03",                 // one viewer, from init to candidate
		"\x01\x41\x81\x02\x42\x82",         // three connections, one id
		"\x01\x01\x01\x05\x01\x06\x07\x01", // restarts, bye, end, time
		"\x09\x02\x0a\x03\x08\x09\x0d",     // other ids
		"\x01\x06\x01\x06\x0e\x0f\x01\x0f",
		"\x01\x07\x02\x04\x07\x02\x04\x05\x11\x14\x17\x12\x14\x16", // ICE restarts
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, script []byte) {
		if len(script) > 200 {
			return
		}
		inWorld(t, func(w *world) {
			w.limits.IDs, w.limits.Candidates = 2, 4
			w.sessions.Script = func(v signal.ViewerInfo) signaltest.Script { return w.scriptFor(v) }
			lines := []*line{w.connect(), w.connect(), w.connect()}
			heard := newHearsay(w)
			for _, step := range script {
				from := int(step>>6) % len(lines)
				w.step(lines[from], fmt.Sprintf("id%d", step>>3&7%5), step&7)
				heard.check(lines)
			}
			pass(w.limits.Open)
			heard.check(lines)
		})
	})
}

// scriptFor gives each id its own temper, and checks that it has one session.
func (w *world) scriptFor(v signal.ViewerInfo) signaltest.Script {
	if s := w.sessions.Of(v.ID); s != nil && !s.Closed() {
		w.t.Errorf("a second session for %q", v.ID)
	}
	switch v.ID {
	case "id1":
		return signaltest.Script{Open: signal.Errorf(signal.Full, "x")}
	case "id2":
		wait := make(chan struct{})
		time.AfterFunc(time.Second, func() { close(wait) })
		return signaltest.Script{OfferWait: wait, CloseWait: wait}
	case "id3":
		return signaltest.Script{Answer: func(string) error { return signal.Errorf(signal.NoCodec, "x") }}
	case "id4":
		return signaltest.Script{OfferWait: make(chan struct{}), Candidate: func(signal.Candidate) error { return errors.New("x") }}
	}
	return signaltest.Script{}
}

func (w *world) step(l *line, id string, what byte) {
	said := [][]signal.Message{
		{signal.PullInit{ID: id}},
		{signal.PullStart{ID: id}},
		{signal.Answer{ID: id, SDP: "sdp"}},
		{trickle(id, "theirs")},
		{signal.Quality{ID: id, Rendition: id}, signal.Restart{ID: id}, signal.Watch{ID: id, On: true}},
		{signal.Bye{ID: id}},
	}
	if int(what) < len(said) {
		for _, m := range said[what] {
			var e *signal.Error
			if err := l.Receive(m); err != nil && !errors.As(err, &e) {
				w.t.Errorf("Receive: %v is not a *signal.Error", err)
			}
		}
		return
	}
	if what == 7 {
		pass(700 * time.Millisecond)
	}
	synctest.Wait()
	if s := w.sessions.Of(id); s != nil && what == 6 {
		s.End()
	}
}

// hearsay follows what connections are told.
type hearsay struct {
	w       *world
	offered map[string]*line // id to the connection that got its latest offer
	offers  map[string]bool
}

func newHearsay(w *world) *hearsay {
	return &hearsay{w: w, offered: make(map[string]*line), offers: make(map[string]bool)}
}

// check holds that stats go where the offer went, and that no offer is made
// twice.
func (h *hearsay) check(lines []*line) {
	for _, l := range lines {
		for _, m := range l.out.Take() {
			switch m := m.(type) {
			case signal.Offer:
				if h.offers[m.SDP] {
					h.w.t.Errorf("%q was made twice", m.SDP)
				}
				h.offers[m.SDP] = true
				h.offered[m.ID] = l
			case signal.Report:
				if h.offered[m.ID] != l {
					h.w.t.Errorf("the stats for %q went astray", m.ID)
				}
			case signal.State, *signal.Error:
			default:
				h.w.t.Errorf("viewers do not understand %#v", m)
			}
		}
	}
}
