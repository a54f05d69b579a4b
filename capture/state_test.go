package capture

import (
	"math/rand/v2"
	"testing"
	"time"
)

func TestLife(t *testing.T) {
	type step struct {
		event  event
		action action
		state  State
	}
	for _, tt := range []struct {
		name  string
		steps []step
	}{
		{"one viewer comes and goes", []step{
			{evDemand, doOpen, Opening}, {evOpened, doNothing, Live}, {evNoDemand, doLinger, Live},
			{evTimer, doClose, Closing}, {evClosed, doNothing, Idle},
		}},
		{"a viewer comes back within the linger time", []step{
			{evDemand, doOpen, Opening}, {evOpened, doNothing, Live}, {evNoDemand, doLinger, Live},
			{evDemand, doDisarm, Live}, {evTimer, doNothing, Live},
		}},
		{"a viewer comes back while closing", []step{
			{evDemand, doOpen, Opening}, {evOpened, doNothing, Live}, {evNoDemand, doLinger, Live}, {evTimer, doClose, Closing},
			{evDemand, doNothing, Closing}, {evClosed, doOpen, Opening},
		}},
		{"gone before the camera is open", []step{
			{evDemand, doOpen, Opening}, {evNoDemand, doNothing, Opening}, {evOpened, doLinger, Live},
			{evTimer, doClose, Closing}, {evClosed, doNothing, Idle},
		}},
		{"gone before the camera fails to open", []step{
			{evDemand, doOpen, Opening}, {evNoDemand, doNothing, Opening}, {evFailed, doNothing, Idle},
		}},
		{"no camera, until there is one", []step{
			{evDemand, doOpen, Opening}, {evFailed, doBackoff, Lost}, {evTimer, doOpen, Lost},
			{evFailed, doBackoff, Lost}, {evTimer, doOpen, Lost}, {evOpened, doNothing, Live},
		}},
		{"unplugged and plugged in again", []step{
			{evDemand, doOpen, Opening}, {evOpened, doNothing, Live}, {evFailed, doClose, Lost}, {evClosed, doBackoff, Lost},
			{evTimer, doOpen, Lost}, {evOpened, doNothing, Live},
		}},
		{"it may be back while the lost camera is closed", []step{
			{evDemand, doOpen, Opening}, {evOpened, doNothing, Live}, {evFailed, doClose, Lost}, {evRetry, doNothing, Lost},
			{evClosed, doOpen, Lost}, {evFailed, doBackoff, Lost},
		}},
		{"it may be back during an attempt that came too early", []step{
			{evDemand, doOpen, Opening}, {evRetry, doNothing, Opening}, {evFailed, doOpen, Lost}, {evRetry, doNothing, Lost},
			{evRetry, doNothing, Lost}, {evFailed, doOpen, Lost}, {evFailed, doBackoff, Lost}, {evRetry, doOpen, Lost},
		}},
		{"it may be back when it is", []step{
			{evRetry, doNothing, Idle}, {evDemand, doOpen, Opening}, {evRetry, doNothing, Opening}, {evOpened, doNothing, Live},
			{evRetry, doNothing, Live}, {evFailed, doClose, Lost}, {evClosed, doBackoff, Lost},
		}},
		{"a word of praise changes nothing", []step{
			{evDemand, doOpen, Opening}, {evSteady, doNothing, Opening}, {evOpened, doNothing, Live}, {evSteady, doNothing, Live},
			{evFailed, doClose, Lost}, {evSteady, doNothing, Lost}, {evClosed, doBackoff, Lost},
		}},
		{"unplugged, then everybody leaves", []step{
			{evDemand, doOpen, Opening}, {evOpened, doNothing, Live}, {evFailed, doClose, Lost}, {evClosed, doBackoff, Lost},
			{evNoDemand, doDisarm, Idle}, {evTimer, doNothing, Idle},
		}},
		{"everybody leaves while the lost camera is closed", []step{
			{evDemand, doOpen, Opening}, {evOpened, doNothing, Live}, {evFailed, doClose, Lost},
			{evNoDemand, doNothing, Lost}, {evClosed, doNothing, Idle},
		}},
		{"everybody leaves during a retry that works", []step{
			{evDemand, doOpen, Opening}, {evFailed, doBackoff, Lost}, {evTimer, doOpen, Lost},
			{evNoDemand, doNothing, Lost}, {evOpened, doLinger, Live},
		}},
		{"unplugged while lingering", []step{
			{evDemand, doOpen, Opening}, {evOpened, doNothing, Live}, {evNoDemand, doLinger, Live},
			{evFailed, doClose, Lost}, {evClosed, doNothing, Idle},
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var l life
			for i, s := range tt.steps {
				if action := l.step(s.event); action != s.action || l.state != s.state {
					t.Fatalf("step %d, event %d: got action %d in %v, want %d in %v", i, s.event, action, l.state, s.action, s.state)
				}
			}
		})
	}
}

// TestLifeNeverGetsStuck plays the world at random and holds what a Source
// relies on: at most one open or close under way, nothing open in Idle, and a
// way back to Live or Idle from everywhere.
func TestLifeNeverGetsStuck(t *testing.T) {
	for seed := range uint64(2000) {
		random := rand.New(rand.NewPCG(seed, 1))
		w := world{t: t, random: random}
		for range 50 {
			w.happen(random.IntN(3) == 0)
		}
		demand := w.life.demand
		for range 10 {
			w.happen(true)
		}
		want := Idle
		if demand {
			want = Live
		}
		if w.life.state != want {
			t.Fatalf("seed %d: settled in %v, want %v", seed, w.life.state, want)
		}
	}
}

// world stands for the camera and the timer.
type world struct {
	t                    *testing.T
	random               *rand.Rand
	life                 life
	opening, closing, up bool
	armed                bool
}

// happen lets one thing happen that can; when settling, only good things.
func (w *world) happen(settling bool) {
	switch {
	case !settling && w.random.IntN(4) == 0:
		w.do(w.life.step(evRetry))
	case !settling && w.random.IntN(2) == 0:
		if w.life.demand {
			w.do(w.life.step(evNoDemand))
		} else {
			w.do(w.life.step(evDemand))
		}
	case w.opening && (settling || w.random.IntN(2) == 0):
		w.opening, w.up = false, true
		w.do(w.life.step(evOpened))
	case w.opening:
		w.opening = false
		w.do(w.life.step(evFailed))
	case w.closing:
		w.closing = false
		w.do(w.life.step(evClosed))
	case w.up && !settling:
		w.do(w.life.step(evFailed))
	case w.armed:
		w.armed = false
		w.do(w.life.step(evTimer))
	}
}

func (w *world) do(a action) {
	switch a {
	case doOpen:
		if w.opening || w.closing || w.up {
			w.t.Fatalf("open while opening %t, closing %t, up %t", w.opening, w.closing, w.up)
		}
		w.opening = true
	case doClose:
		if w.opening || w.closing || !w.up {
			w.t.Fatalf("close while opening %t, closing %t, up %t", w.opening, w.closing, w.up)
		}
		w.closing, w.up = true, false
	case doLinger, doBackoff:
		w.armed = true
	case doDisarm:
		w.armed = false
	case doNothing:
	}
	if w.life.state == Idle && (w.up || w.opening || w.closing) {
		w.t.Fatalf("idle while opening %t, closing %t, up %t", w.opening, w.closing, w.up)
	}
}

func TestBackoff(t *testing.T) {
	for failures, want := range map[int]time.Duration{
		1: 250 * time.Millisecond, 2: 500 * time.Millisecond, 4: 2 * time.Second, 5: 4 * time.Second, 1000: 4 * time.Second,
	} {
		if got := backoff(failures); got != want {
			t.Errorf("backoff(%d) = %v, want %v", failures, got, want)
		}
	}
}
