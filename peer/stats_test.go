package peer

import (
	"strings"
	"testing"
	"time"

	"github.com/pion/rtcp"

	"github.com/pushcam/pushcam/capture"
)

// TestStats holds what a Session tells of itself to what its viewer saw and
// said.
func TestStats(t *testing.T) {
	r := newRig(t, testOptions{})
	s, w := r.join(t)
	w.picture(t)
	hears(t, s, &rtcp.ReceiverEstimatedMaximumBitrate{Bitrate: 1_500_000, SSRCs: []uint32{s.current().ssrc}})
	hears(t, s, &rtcp.ReceiverReport{Reports: []rtcp.ReceptionReport{{SSRC: s.current().ssrc, FractionLost: 64, TotalLost: 7}}})
	hears(t, s, &rtcp.PictureLossIndication{})
	for range 45 { // a second and a half, after which there are rates
		w.picture(t)
	}
	got := s.Stats()
	if got.Estimate <= 0 || got.Estimate > 1500*capture.Kbps || got.PLI == 0 {
		t.Errorf("estimate %v, %d PLI", got.Estimate, got.PLI)
	}
	if got.Pictures < 45 || got.Keyframes == 0 || got.Packets <= got.Pictures || got.Bytes < 1000*got.Packets/2 {
		t.Errorf("%d pictures, %d keyframes, %d packets, %d bytes", got.Pictures, got.Keyframes, got.Packets, got.Bytes)
	}
	if got.FrameRate <= 0 || got.Bitrate <= 0 {
		t.Errorf("%v pictures per second, %v", got.FrameRate, got.Bitrate)
	}
	if d := got.CaptureToSend; d.P50 <= 0 || d.P95 < d.P50 || d.P95 > 4*time.Second {
		t.Errorf("capture to send: %+v", d)
	}
	if got.Drops[DropFull] != 0 {
		t.Errorf("dropped %v", got.Drops)
	}
}

// TestLossFraction: a report is in 1/256.
func TestLossFraction(t *testing.T) {
	r := newRig(t, testOptions{})
	s := r.open(t)
	s.counters.received(rtcp.ReceptionReport{FractionLost: 64}, 0)
	if got := s.Stats().Loss; got != 0.25 {
		t.Errorf("a loss of 64/256 is %v", got)
	}
}

func TestDropReasons(t *testing.T) {
	seen := map[string]bool{}
	for r := range DropReason(dropReasons) {
		name := r.String()
		if strings.HasPrefix(name, "drop(") || seen[name] {
			t.Errorf("reason %d has no name of its own: %q", r, name)
		}
		seen[name] = true
	}
}

// BenchmarkStats is of one Session; a watcher may ask all of 500 each second.
func BenchmarkStats(b *testing.B) {
	r := newRig(b, testOptions{})
	s, w := r.join(b)
	w.picture(b)
	b.ReportAllocs()
	for b.Loop() {
		s.Stats()
	}
}
