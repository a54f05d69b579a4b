package governor

import (
	"testing"
	"time"

	"github.com/pushcam/pushcam/capture"
)

// TestWaiting is of a path that begins to hold packets back: what waits is known
// from reports and from what is asked for again, and becomes less by itself.
func TestWaiting(t *testing.T) {
	const (
		roundTrip = 50 * time.Millisecond
		interval  = 33 * time.Millisecond
		queue     = 400 * time.Millisecond
		packets   = 8
	)
	start := time.Now()
	g := New(Config{Start: 2 * capture.Mbps, Most: 3 * capture.Mbps, RoundTrip: roundTrip}, start)
	sequence, now := uint16(0), start
	send := func(pictures int) {
		for range pictures {
			now = now.Add(interval)
			g.Sent(now, sequence, packets, 8000)
			sequence += packets
		}
	}
	check := func(when string, want time.Duration) {
		t.Helper()
		if got := g.Allowance(now).Waiting; got < want-2*interval || got > want+2*interval {
			t.Errorf("%s: %v, want about %v", when, got, want)
		}
	}
	behind := func(late time.Duration) uint16 { // the last packet that has arrived
		return sequence - 1 - packets*uint16((roundTrip+late)/interval)
	}
	check("before anything is sent", 0)
	send(60)
	g.Report(now, Report{Highest: behind(0), RoundTrip: roundTrip})
	check("without a queue", 0)
	send(30)
	g.Report(now, Report{Highest: behind(queue), RoundTrip: roundTrip})
	check("with a queue", queue)
	now = now.Add(queue / 2)
	check("a while after the last picture", queue/2)
	now = now.Add(queue)
	check("long after it", 0)
	send(30)
	g.NACK(now, behind(queue/2), 1)
	check("after a request for a packet", queue/2)
	send(30)
	g.Report(now, Report{Highest: behind(0), RoundTrip: roundTrip})
	check("when the queue has gone", 0)
}
