package governor

import (
	"bufio"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/pushcam/pushcam/capture"
)

// replay has a Governor go through what a real browser did, and calls look
// after each event.
func replay(t *testing.T, name string, look func(seconds float64, a Allowance)) {
	t.Helper()
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	began := time.Unix(1000, 0)
	g := New(Config{Start: 2500 * capture.Kbps, Most: 2500 * capture.Kbps}, began)
	for lines := bufio.NewScanner(f); lines.Scan(); {
		line := lines.Text()
		if strings.HasPrefix(line, "#") {
			continue
		}
		var seconds float64
		var kind string
		var a, b, c int
		if n, err := fmt.Sscan(line, &seconds, &kind, &a, &b, &c); n < 3 {
			t.Fatalf("%q: %v", line, err)
		}
		now := began.Add(time.Duration(seconds * float64(time.Second)))
		switch kind {
		case "S":
			g.Sent(now, uint16(a), b, c)
		case "R":
			g.Report(now, Report{FractionLost: uint8(a), Highest: uint16(b), RoundTrip: time.Duration(c) * time.Millisecond})
		case "B":
			g.REMB(now, capture.Bitrate(a))
		case "N":
			g.NACK(now, uint16(a), b)
		default:
			t.Fatalf("%q: no such event", line)
		}
		look(seconds, g.Allowance(now))
	}
}

// TestChromiumStep holds that a step is seen within two seconds in what Chromium
// says of it, and that nothing is taken for one before.
func TestChromiumStep(t *testing.T) {
	const step = 14.2
	ended := 0.0
	replay(t, "testdata/chromium-step.txt", func(seconds float64, a Allowance) {
		ended = seconds
		if seconds < step && a.Estimate < ladder[0].Floor {
			t.Fatalf("second %.2f: estimate %v before the step", seconds, a.Estimate)
		}
		if seconds > step+2 && (a.Estimate > 500*capture.Kbps || a.Estimate < 200*capture.Kbps) {
			t.Fatalf("second %.2f: estimate %v of 500k", seconds, a.Estimate)
		}
	})
	if ended < step+5 {
		t.Errorf("the trace ends at %.2f s", ended)
	}
}
