//go:build browser && linux

package browsertest

import (
	"fmt"
	"testing"
	"time"

	"github.com/pushcam/pushcam/capture"
	"github.com/pushcam/pushcam/peer/peertest"
)

// receive has the page receive for a time, and reports what that was like.
func (p *page) receive(b *testing.B, d time.Duration, when string) {
	b.Helper()
	began, before := time.Now(), p.reception()
	p.do(fmt.Sprintf("new Promise((resolve) => { setTimeout(resolve, %d); })", d.Milliseconds()))
	took, got := time.Since(began).Seconds(), p.reception().minus(before)
	b.ReportMetric(float64(got.Decoded)/took, when+"-pictures/s")
	b.ReportMetric(float64(got.Bytes)*8/took/1e6, when+"-Mbit/s")
	b.ReportMetric(got.Frozen*1000, when+"-frozen-ms")
	b.ReportMetric(got.Buffered*1000/float64(max(got.Emitted, 1)), when+"-buffer-ms")
}

// BenchmarkFiguresLossyPath measures Chromium over a path that loses one packet
// in fifty.
func BenchmarkFiguresLossyPath(b *testing.B) {
	browser := chromium(b)
	for _, codec := range []string{"h264", "vp8"} {
		b.Run(codec, func(b *testing.B) {
			server := serve(b, "--codec", codec, "--bitrate", "1M")
			p, _ := openOver(b, browser, server, lossyPath())
			p.decode(90) // what joining costs is over
			for b.Loop() {
				p.receive(b, 10*time.Second, "lossy")
			}
			b.ReportMetric(0, "ns/op")
		})
	}
}

// BenchmarkFiguresNarrowPath measures Chromium over a path that carries 2
// Mbit/s, then 0.5, then 2 again.
func BenchmarkFiguresNarrowPath(b *testing.B) {
	server := serve(b, "--codec", "h264", "--size", "1280x720", "--bitrate", "1500k")
	p, relay := openOver(b, chromium(b), server, narrowPath())
	rate := func(to capture.Bitrate) { relay.Down.Change(func(c *peertest.Conditions) { c.Rate = to }) }
	for b.Loop() {
		p.untilWidth("== 1280")
		p.receive(b, 10*time.Second, "1-wide")
		rate(500 * capture.Kbps)
		b.ReportMetric(p.untilWidth("< 1280").Seconds(), "2-smaller-s")
		p.receive(b, 5*time.Second, "3-just-narrow")
		_ = relay.Down.Stats() // what waited until now
		p.receive(b, 15*time.Second, "4-narrow")
		b.ReportMetric(float64(relay.Down.Stats().Wait.Milliseconds()), "4-narrow-queue-ms")
		rate(2 * capture.Mbps)
		b.ReportMetric(p.untilWidth("== 1280").Seconds(), "5-large-again-s")
		p.receive(b, 5*time.Second, "6-wide-again")
	}
	b.ReportMetric(0, "ns/op")
}
