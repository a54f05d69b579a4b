package signal_test

import (
	"bytes"
	"log/slog"
	"reflect"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pushcam/pushcam/signal"
	"github.com/pushcam/pushcam/signal/signaltest"
)

// world is an Exchange between fakes, within a synctest bubble.
type world struct {
	t        *testing.T
	sessions *signaltest.Sessions
	states   *signaltest.States
	log      *bytes.Buffer
	exchange *signal.Exchange
	limits   signal.Limits
	lines    []*line
}

// line is one connection to the world.
type line struct {
	*world
	*signal.Conversation
	out *signaltest.Outlet
}

var live = signal.CameraState{State: signal.CameraLive}

// inWorld runs the test in a bubble. When it returns, every conversation is
// closed; then no session may be open, and no goroutine left.
func inWorld(t *testing.T, test func(w *world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := &world{
			t:        t,
			sessions: &signaltest.Sessions{},
			states:   signaltest.NewStates(live),
			log:      new(bytes.Buffer),
			limits:   signal.DefaultLimits(),
		}
		w.exchange = signal.NewExchange(w.sessions, w.states, slog.New(slog.NewTextHandler(w.log, nil)))
		test(w)
		for _, l := range w.lines {
			if err := l.Close(nil); err != nil {
				t.Error(err)
			}
		}
		if n := w.sessions.OpenCount(); n != 0 {
			t.Errorf("%d sessions open at the end", n)
		}
	})
}

// script sets how the sessions of one viewer behave.
func (w *world) script(id string, s signaltest.Script) {
	before := w.sessions.Script
	w.sessions.Script = func(v signal.ViewerInfo) signaltest.Script {
		switch {
		case v.ID == id:
			return s
		case before != nil:
			return before(v)
		}
		return signaltest.Script{}
	}
}

func (w *world) connect() *line {
	out := new(signaltest.Outlet)
	who := signal.ViewerInfo{RemoteAddr: "192.0.2.1:4242", UserAgent: "test"}
	l := &line{w, w.exchange.Converse(out, who, w.limits), out}
	w.lines = append(w.lines, l)
	return l
}

// say passes messages on and lets everything come to rest.
func (l *line) say(messages ...signal.Message) {
	l.t.Helper()
	for _, m := range messages {
		if err := l.Receive(m); err != nil {
			l.t.Fatalf("Receive(%#v): %v", m, err)
		}
	}
	synctest.Wait()
}

// hears checks what was sent to the connection since it was last asked.
func (l *line) hears(want ...signal.Message) {
	l.t.Helper()
	got := l.out.Take()
	for i, m := range got { // the words are not what is tested
		if e, ok := m.(*signal.Error); ok {
			if e.Message == "" {
				l.t.Errorf("error %q without a message", e.Code)
			}
			got[i] = failed(e.Code, e.ID)
		}
	}
	if len(got) == len(want) && (len(got) == 0 || reflect.DeepEqual(got, want)) {
		return
	}
	l.t.Errorf("heard %s\n want %s", show(got), show(want))
}

func show(messages []signal.Message) string {
	var b bytes.Buffer
	for _, m := range messages {
		b.WriteString("\n\t")
		b.WriteString(string(m.Type()))
		b.WriteString(" ")
		b.WriteString(signal.IDOf(m))
		if e, ok := m.(*signal.Error); ok {
			b.WriteString(" " + e.Error())
		}
	}
	return b.String()
}

func failed(code signal.Code, id string) *signal.Error { return &signal.Error{Code: code, ID: id} }

func state(id string) signal.Message { return signal.State{ID: id, Camera: live} }

func (w *world) offer(id string) signal.Message {
	w.t.Helper()
	return signal.Offer{ID: id, SDP: w.session(id).SDP()}
}

func (w *world) session(id string) *signaltest.Session {
	w.t.Helper()
	s := w.sessions.Of(id)
	if s == nil {
		w.t.Fatalf("no session for %q", id)
	}
	return s
}

func trickle(id, s string) signal.Message {
	return signal.Trickle{ID: id, Candidate: signal.Candidate{Candidate: s}}
}

// start brings a viewer up to its offer.
func (l *line) start(id string) *signaltest.Session {
	l.t.Helper()
	l.say(signal.PullInit{ID: id}, signal.PullStart{ID: id})
	l.hears(state(id), l.offer(id))
	return l.session(id)
}

// pass lets time pass, which in a bubble takes none, and everything come to
// rest.
func pass(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}
