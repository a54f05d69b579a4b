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
func openOver(t testing.TB, b browser, server *program, down peertest.Conditions) (*page, *peertest.Relay) {
	t.Helper()
	p := open(t, b, server.url+"#detour")
	p.until("probe.offered")
	port := value[uint16](p, "probe.offered")
	relay := peertest.NewRelay(t, netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), port), down)
	p.do(fmt.Sprintf("probe.detour = %d", relay.Addr().Port()))
	p.untilState("live")
	return p, relay
}

func lossyPath() peertest.Conditions {
	return peertest.Conditions{Delay: 25 * time.Millisecond, Loss: 0.02}
}

func narrowPath() peertest.Conditions {
	return peertest.Conditions{Delay: 25 * time.Millisecond, Rate: 2 * capture.Mbps, Queue: 32 << 10, Burst: 3000}
}

// minus is what was received since before; the width is the present one.
func (r reception) minus(before reception) reception {
	r.Decoded -= before.Decoded
	r.Bytes -= before.Bytes
	r.Lost -= before.Lost
	r.Nacks -= before.Nacks
	r.Requests -= before.Requests
	r.Freezes -= before.Freezes
	r.Frozen -= before.Frozen
	r.Buffered -= before.Buffered
	r.Emitted -= before.Emitted
	return r
}

// TestLossyPath: over a path that loses one packet in fifty, Chromium asks for
// those again, and hardly ever for a keyframe.
func TestLossyPath(t *testing.T) {
	for _, codec := range []string{"h264", "vp8"} {
		t.Run(codec, func(t *testing.T) {
			server := serve(t, "--codec", codec, "--bitrate", "1M")
			p, _ := openOver(t, chromium(t), server, lossyPath())
			before := p.reception()
			p.decode(120)
			p.decode(120)
			got := p.reception().minus(before)
			t.Logf("%+v", got)
			if got.Nacks == 0 || got.Requests > 5 {
				t.Errorf("%d packets asked for again, and %d keyframes; want some, and 5 at most", got.Nacks, got.Requests)
			}
		})
	}
}

// TestNarrowPath: over a path that carries 2 Mbit/s, then less than the least
// for pictures of this size, then 2 again, Chromium's picture gets smaller and
// large again, and goes on.
func TestNarrowPath(t *testing.T) {
	server := serve(t, "--codec", "h264", "--size", "640x360", "--bitrate", "1500k")
	p, relay := openOver(t, chromium(t), server, narrowPath())
	p.untilWidth("== 640")
	p.decode(60)
	relay.Down.Change(func(c *peertest.Conditions) { c.Rate = 150 * capture.Kbps })
	t.Logf("smaller after %v", p.untilWidth("< 640"))
	p.decode(60)
	relay.Down.Change(func(c *peertest.Conditions) { c.Rate = 2 * capture.Mbps })
	t.Logf("as large as before after %v", p.untilWidth("== 640"))
	p.decode(60)
}

// decode waits for so many more pictures.
func (p *page) decode(pictures int) {
	p.t.Helper()
	p.until(fmt.Sprintf("(await probe.reception()).decoded >= %d", p.reception().Decoded+pictures))
}

// untilWidth waits until the picture's width compares so, which takes seconds
// as it is meant to be, and more on a loaded machine.
func (p *page) untilWidth(compares string) time.Duration {
	p.t.Helper()
	began := time.Now()
	met := fmt.Sprintf("probe.reception().then((r) => r.width %s)", compares)
	for !value[bool](p, met) {
		if time.Since(began) > 6*patience {
			p.t.Fatalf("width of the picture is not %s after %v: %+v", compares, time.Since(began), p.reception())
		}
		p.do("new Promise((resolve) => { setTimeout(resolve, 50); })")
	}
	return time.Since(began).Round(10 * time.Millisecond)
}
