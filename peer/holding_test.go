package peer

import (
	"testing"
	"time"

	"github.com/pushcam/pushcam/capture"
	"github.com/pushcam/pushcam/peer/governor"
)

// TestHoldsBack: a smaller rung's first picture waits until a queue has room for
// it, and no longer than that.
func TestHoldsBack(t *testing.T) {
	start := time.Now()
	ladder := []capture.Band{{Floor: 800 * capture.Kbps, Ceiling: 2 * capture.Mbps}, {Floor: 250 * capture.Kbps, Ceiling: capture.Mbps}}
	var g governing
	g.selector.Start(ladder, 2*capture.Mbps, start)
	if g.holdsBack(time.Second, start) {
		t.Error("held back though nothing is to change")
	}
	g.selector.Decide(ladder, governor.Allowance{Estimate: 400 * capture.Kbps, Target: 400 * capture.Kbps}, start)
	if g.selector.Skipping().IsZero() {
		t.Fatal("the pictures of the rung before go on")
	}
	for _, c := range []struct {
		name           string
		after, waiting time.Duration
		until          time.Duration // 0: not held
	}{
		{"no queue", 0, 0, 0},
		{"one with room", 0, headway, 0},
		{"a short one", 0, headway + 30*time.Millisecond, 30 * time.Millisecond},
		{"a long one", 0, 5 * time.Second, longestHold},
		{"a long one, still", longestHold / 2, 5 * time.Second, longestHold},
		{"a long one, for too long", longestHold, 5 * time.Second, 0},
	} {
		now := start.Add(c.after)
		if held := g.holdsBack(c.waiting, now); held != (c.until > 0) || held != !g.held.IsZero() {
			t.Errorf("%s: held %v, until %v", c.name, held, g.held)
		} else if held && g.held.Sub(start) != c.until {
			t.Errorf("%s: held for %v, want %v", c.name, g.held.Sub(start), c.until)
		}
	}
}
