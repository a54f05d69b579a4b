package capture

import (
	"fmt"
	"time"
)

// State is where a Source's camera is in its life.
//
//	         demand              opened            linger over
//	Idle ───────────▶ Opening ───────────▶ Live ───────────────▶ Closing
//	 ▲                   │                 ▲  │                     │
//	 │                   │ error    opened │  │ error               │
//	 │                   ▼                 │  ▼                     │
//	 ├──── no demand ── Lost ──────────────┘  Lost                  │
//	 └────────────────────────── closed ────────────────────────────┘
//
// Lost lasts through every attempt to open the camera again, with a growing
// pause between them: a viewer sees one change to Lost and one back.
type State uint8

// The states of a Source.
const (
	Idle    State = iota // closed: nobody looks
	Opening              // the first attempt to open is under way
	Live                 // delivering, or ready to
	Lost                 // failed; tried again while somebody looks
	Closing              // being closed after the last viewer left
)

// String returns the state's name in lower case.
func (s State) String() string {
	switch s {
	case Idle:
		return "idle"
	case Opening:
		return "opening"
	case Live:
		return "live"
	case Lost:
		return "lost"
	case Closing:
		return "closing"
	}
	return fmt.Sprintf("state(%d)", uint8(s))
}

// event is what can happen to a Source's camera.
type event uint8

const (
	evDemand   event = iota // the first Subscription came
	evNoDemand              // the last Subscription went
	evOpened                // doOpen succeeded
	evFailed                // doOpen failed, or the open camera did
	evClosed                // doClose is done
	evTimer                 // the timer armed last ran out
	evRetry                 // the camera may be back
	evSteady                // the camera has been Live for a while
)

// action is what a Source has to do after an event. At most one of doOpen and
// doClose is under way at a time.
type action uint8

const (
	doNothing action = iota
	doOpen           // open the camera; answer with evOpened or evFailed
	doClose          // close the camera; answer with evClosed
	doLinger         // arm the timer for the linger time
	doBackoff        // arm the timer for the backoff
	doDisarm         // stop the timer
)

// life is that of a Source's camera as a pure function of events.
type life struct {
	state    State
	demand   bool
	busy     bool // an open or a close is under way
	again    bool // evRetry came meanwhile: what is under way may be too early
	failures int  // in a row, since the camera was last steady
}

// step applies e and returns what to do. Events that mean nothing in a state,
// such as a timer that ran out while it was being stopped, change nothing.
func (l *life) step(e event) action {
	switch e {
	case evDemand:
		l.demand = true
	case evNoDemand:
		l.demand = false
	case evOpened, evClosed:
		l.busy = false
	case evFailed:
		l.busy = false
		l.failures++
	case evSteady:
		l.failures = 0
	case evTimer, evRetry:
	}
	switch l.state {
	case Idle:
		return l.inIdle(e)
	case Opening, Lost:
		return l.inTrouble(e)
	case Live:
		return l.inLive(e)
	case Closing:
		return l.inClosing(e)
	}
	return doNothing
}

func (l *life) inIdle(e event) action {
	if e != evDemand {
		return doNothing
	}
	l.state = Opening
	return l.start(doOpen)
}

// inTrouble covers the first attempt to open and all later ones.
func (l *life) inTrouble(e event) action {
	switch e {
	case evOpened:
		l.state = Live
		if !l.demand {
			return doLinger
		}
	case evFailed, evClosed:
		if !l.demand {
			l.state = Idle
			return doNothing
		}
		l.state = Lost
		if l.again {
			return l.start(doOpen)
		}
		return doBackoff
	case evTimer, evRetry:
		if l.state == Lost && !l.busy {
			return l.start(doOpen)
		}
		l.again = l.again || e == evRetry
	case evNoDemand:
		if !l.busy {
			l.state = Idle
			return doDisarm
		}
	case evDemand, evSteady:
	}
	return doNothing
}

func (l *life) inLive(e event) action {
	switch e {
	case evFailed:
		l.state = Lost
		return l.start(doClose)
	case evNoDemand:
		return doLinger
	case evDemand:
		return doDisarm
	case evTimer:
		if !l.demand {
			l.state = Closing
			return l.start(doClose)
		}
	case evOpened, evClosed, evSteady, evRetry:
	}
	return doNothing
}

func (l *life) inClosing(e event) action {
	if e != evClosed {
		return doNothing
	}
	if l.demand {
		l.state = Opening
		return l.start(doOpen)
	}
	l.state = Idle
	return doNothing
}

func (l *life) start(a action) action {
	l.busy, l.again = true, false
	return a
}

// backoff is the pause before the next attempt after so many failures in a
// row: 0.25 s doubling to 4 s. Short, since what waits is a person in front
// of a page, and opening a device that is not there costs nothing.
func backoff(failures int) time.Duration {
	const first, most = 250 * time.Millisecond, 4 * time.Second
	d := first
	for i := 1; i < failures && d < most; i++ {
		d *= 2
	}
	return min(d, most)
}
