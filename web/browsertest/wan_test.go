//go:build browser && linux

package browsertest

import (
	"fmt"
	"net/netip"
	"testing"
	"time"

	"github.com/pushcam/pushcam/peer/peertest"
)

// openOver opens the page of a server whose media takes a path of these
// conditions.
func openOver(t *testing.T, b browser, server *program, down peertest.Conditions) (*page, *peertest.Relay) {
	t.Helper()
	p := open(t, b, server.url+"#detour")
	p.until("probe.offered")
	port := value[uint16](p, "probe.offered")
	relay := peertest.NewRelay(t, netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), port), down)
	p.do(fmt.Sprintf("probe.detour = %d", relay.Addr().Port()))
	p.untilState("live")
	return p, relay
}

// over is what a page received in a time.
type over struct {
	reception // what it received more, and the last width
	time      time.Duration
}

// receive has the page receive for a time.
func (p *page) receive(d time.Duration) over {
	p.t.Helper()
	began, a := time.Now(), p.reception()
	p.do(fmt.Sprintf("new Promise((resolve) => { setTimeout(resolve, %d); })", d.Milliseconds()))
	took, b := time.Since(began), p.reception()
	b.Decoded -= a.Decoded
	b.Bytes -= a.Bytes
	b.Lost -= a.Lost
	b.Nacks -= a.Nacks
	b.Freezes -= a.Freezes
	b.Frozen -= a.Frozen
	b.Buffered -= a.Buffered
	b.Emitted -= a.Emitted
	return over{b, took}
}

// buffered is how long a picture waited in the jitter buffer, in the mean.
func (o over) buffered() time.Duration {
	return time.Duration(o.Buffered / float64(max(o.Emitted, 1)) * float64(time.Second)).Round(time.Millisecond)
}

// rate is in pictures per second.
func (o over) rate() float64 { return float64(o.Decoded) / o.time.Seconds() }

// String is for a person.
func (o over) String() string {
	return fmt.Sprintf("%d wide, %.1f pictures/s, %.2f Mbit/s, %d packets lost, %d asked for again, %d freezes of %.2f s, jitter buffer %v",
		o.Width, o.rate(), float64(o.Bytes)*8/o.time.Seconds()/1e6, o.Lost, o.Nacks, o.Freezes, o.Frozen, o.buffered())
}

// TestLossyPath: Chromium over a path that loses one packet in fifty.
func TestLossyPath(t *testing.T) {
	for _, codec := range []string{"h264", "vp8"} {
		t.Run(codec, func(t *testing.T) {
			server := serve(t, "--codec", codec, "--bitrate", "1M")
			p, _ := openOver(t, chromium(t), server, peertest.Conditions{Delay: 25 * time.Millisecond, Loss: 0.02})
			p.receive(3 * time.Second)
			got := p.receive(10 * time.Second)
			t.Log(got)
			if got.Nacks == 0 {
				t.Error("nothing was lost on the way")
			}
			// A loaded machine decodes fewer.
			if got.rate() < 15 || got.Frozen > 1 || got.buffered() > 250*time.Millisecond {
				t.Errorf("%.1f pictures/s, %.2f s frozen, %v in the jitter buffer; want 15, 1 s and 250 ms at most", got.rate(), got.Frozen, got.buffered())
			}
		})
	}
}
