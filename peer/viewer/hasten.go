package viewer

import (
	"fmt"
	"time"

	"github.com/pion/webrtc/v4"
)

// Pion looks at its candidate pairs when a candidate was added, and else every
// 200 ms, which is then how long it takes to nominate a pair whose check was
// answered at once. Browsers look every 50 ms or sooner. A hastener adds
// candidates that nothing comes of, 3, 9, 27 and 81 ms after one another: each
// look also checks again what is not answered yet.
const (
	firstLook = 3 * time.Millisecond
	later     = 3 // times
	looks     = 4
)

// maxChecks of one pair before it is given up: pion's seven, and those that
// hastening adds.
const maxChecks = 7 + looks

// hastener belongs to Run's goroutine.
type hastener struct {
	timer *time.Timer
	wait  time.Duration
	done  int
}

func newHastener() *hastener {
	h := &hastener{timer: time.NewTimer(firstLook), wait: firstLook}
	h.timer.Stop()
	return h
}

// start is for when ICE begins its checks.
func (h *hastener) start() { h.timer.Reset(firstLook) }

func (h *hastener) stop() { h.timer.Stop() }

// look is for when the timer fires.
func (h *hastener) look(pc *webrtc.PeerConnection) {
	if h.done == looks || pc.ICEConnectionState() != webrtc.ICEConnectionStateChecking {
		return
	}
	h.done++
	// Each has to be a new one, or it does not count. We connect to none over
	// TCP, and this address is for documentation (RFC 5737).
	mid := ""
	_ = pc.AddICECandidate(webrtc.ICECandidateInit{ // it fails when closed
		Candidate: fmt.Sprintf("candidate:1 1 tcp 1 192.0.2.1 %d typ host tcptype passive", h.done),
		SDPMid:    &mid,
	})
	h.wait *= later
	h.timer.Reset(h.wait)
}
