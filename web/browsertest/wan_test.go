//go:build browser && linux

package browsertest

import (
	"fmt"
	"net/netip"
	"testing"
	"time"

	"github.com/pushcam/pushcam/capture"
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

// TestNarrowPath: Chromium over a path that carries 2 Mbit/s, then 0.5, then 2
// again. Its picture gets smaller and large again, and is never late for long.
func TestNarrowPath(t *testing.T) {
	// A loaded machine takes its time for all of it.
	const soon = 10 * time.Second
	server := serve(t, "--codec", "h264", "--size", "1280x720", "--bitrate", "1500k")
	p, relay := openOver(t, chromium(t), server, peertest.Conditions{
		Delay: 25 * time.Millisecond, Rate: 2 * capture.Mbps, Queue: 32 << 10, Burst: 3000,
	})
	wide := p.receive(10 * time.Second)
	t.Logf("at 2 Mbit/s:        %v", wide)

	before := p.reception()
	relay.Down.Change(func(c *peertest.Conditions) { c.Rate = 500 * capture.Kbps })
	took := p.untilWidth("<", wide.Width)
	t.Logf("smaller after %v", took)
	if took > soon {
		t.Errorf("smaller after %v, want %v at most", took, soon)
	}
	p.receive(5 * time.Second)
	_ = relay.Down.Stats() // what waited until now
	narrow := p.receive(15 * time.Second)
	waited := relay.Down.Stats().Wait
	t.Logf("then at 0.5 Mbit/s: %v, packets waited for %v at most", narrow, waited)

	relay.Down.Change(func(c *peertest.Conditions) { c.Rate = 2 * capture.Mbps })
	took = p.untilWidth("==", wide.Width)
	t.Logf("as large as before after %v", took)
	if took > 30*time.Second {
		t.Errorf("as large as before after %v, want 30 s at most", took)
	}
	again := p.receive(5 * time.Second)
	t.Logf("then at 2 Mbit/s:   %v", again)

	after := p.reception()
	frozen := after.Frozen - before.Frozen
	t.Logf("%d freezes of %.2f s over both steps", after.Freezes-before.Freezes, frozen)
	if frozen > 5 {
		t.Errorf("frozen for %.2f s, want 5 s at most", frozen)
	}
	if narrow.rate() < 15 || narrow.Frozen > 2 || narrow.buffered() > 500*time.Millisecond || waited > 500*time.Millisecond {
		t.Errorf("at 0.5 Mbit/s: %v, waited for %v", narrow, waited)
	}
	if again.rate() < 15 {
		t.Errorf("at last %.1f pictures/s", again.rate())
	}
}

// untilWidth waits until the picture's width compares so with another.
func (p *page) untilWidth(compares string, width int) time.Duration {
	p.t.Helper()
	began := time.Now()
	p.do(fmt.Sprintf("probe.until(async () => (await probe.reception()).width %s %d, %d).then(() => {})",
		compares, width, (2*patience - time.Second).Milliseconds()))
	return time.Since(began).Round(10 * time.Millisecond)
}
