//go:build browser && linux

package browsertest

import (
	"fmt"
	"math"
	"net"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/pushcam/pushcam/capture"
	"github.com/pushcam/pushcam/peer/peertest"
)

// detour has the page's next connection, or its next ICE restart, go to another
// port of this machine.
func (p *page) detour(port int) {
	p.t.Helper()
	p.do(fmt.Sprintf("probe.detour = %d", port))
}

// untilReason waits for a state of our own page, and its reason.
func (p *page) untilReason(state, reason string) {
	p.t.Helper()
	p.until(fmt.Sprintf("document.documentElement.dataset.state === %q && document.documentElement.dataset.reason === %q", state, reason))
}

// testPathDies: the path that the media take is gone, and the WebSocket is not:
// the page finds another way for the same session, with nobody touching anything.
func testPathDies(t *testing.T, b browser) {
	server := serve(t)
	p, dying := openOver(t, b, server, peertest.Conditions{})
	p.mustRun()
	other := peertest.NewRelay(t, dying.Server(), peertest.Conditions{})
	p.detour(int(other.Addr().Port()))

	cut := time.Now()
	dying.Down.Change(func(c *peertest.Conditions) { c.Loss = 1 })
	p.untilReason("waiting", "stalled")
	noticed := time.Since(cut)
	p.untilReason("live", "")
	t.Logf("noticed after %v, another way after %v", noticed.Round(time.Millisecond), time.Since(cut).Round(time.Millisecond))
	p.mustRun()
	if sockets, peers := value[int](p, "probe.sockets.length"), value[int](p, "probe.peers.length"); sockets != 1 || peers != 1 {
		t.Errorf("%d WebSockets and %d peer connections, want the same session", sockets, peers)
	}
	p.untroubled()
}

// TestServerHangs: nothing ends, and nothing comes, neither media nor messages.
func TestServerHangs(t *testing.T) {
	server := serve(t)
	p := open(t, chromium(t), server.url)
	p.untilState("live")
	p.mustRun()
	server.signal(syscall.SIGSTOP)
	p.untilReason("waiting", "stalled")
	// The first thing that is tried gets no answer; then another is.
	p.until("probe.sockets.length > 1")
	server.signal(syscall.SIGCONT)
	p.untilReason("live", "")
	p.mustRun()
}

// testBlocked: no media come through by WebRTC, so the page shows MJPEG and says
// why; when they do, it goes over, and shows something all the time.
func testBlocked(t *testing.T, b browser) {
	server := serve(t)
	hole, err := net.ListenUDP("udp4", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer hole.Close()
	_, port, err := net.SplitHostPort(hole.LocalAddr().String())
	if err != nil {
		t.Fatal(err)
	}
	p := open(t, b, server.url+"#detour")
	p.until("probe.offered")
	offered := value[int](p, "probe.offered")
	number, err := strconv.Atoi(port)
	if err != nil {
		t.Fatal(err)
	}
	opened := time.Now()
	p.detour(number)
	p.untilReason("live", "mjpeg")
	t.Logf("MJPEG after %v", time.Since(opened).Round(time.Millisecond))
	if note := value[string](p, "document.getElementById('note').textContent"); !strings.Contains(note, "WebRTC") {
		t.Errorf("the page says %q", note)
	}
	first := value[int64](p, fallbackClock)
	p.until(fmt.Sprintf("(%s) > %d", fallbackClock, first+500))
	p.resize(desktop())
	p.look(strings.ReplaceAll(t.Name(), "/", "-"), desktop())

	// A canvas, too, can be in a window of its own, which goes over to the video.
	p.press("p")
	p.until("document.pictureInPictureElement?.videoWidth === 640 && document.pictureInPictureElement.id === ''")

	p.detour(offered)
	p.do(`probe.blank = 0;
		setInterval(() => {
			const shows = !document.getElementById('fallback').hidden || document.querySelector('video').videoWidth > 0;
			if (!shows || document.documentElement.dataset.state !== 'live') probe.blank++;
		}, 10)`)
	began := time.Now()
	for !value[bool](p, "document.documentElement.dataset.reason === ''") {
		if time.Since(began) > 3*patience {
			t.Fatalf("still MJPEG, though WebRTC could: %+v", p.state())
		}
		p.do("new Promise((resolve) => { setTimeout(resolve, 50); })")
	}
	p.mustRun()
	p.until("document.pictureInPictureElement?.id === 'picture'")
	if blank := value[int](p, "probe.blank"); blank > 0 {
		t.Errorf("there was nothing to see for %d looks", blank)
	}
	p.untroubled()
}

// TestNotAllowed: the server comes back and wants a password: so the page asks
// for it, and then shows the picture.
func TestNotAllowed(t *testing.T) {
	const hash = "$2a$10$Pmajy8lQIr2kB6SzQwPR0Oh8Tuv9BfRT1YlMdtUhrYmu9mYSKL.NK" // of the password below
	server := serve(t)
	p := open(t, chromium(t), server.url)
	p.untilState("live")
	server.stop()
	serve(t, "--listen", server.host, "--viewer-password", hash)
	p.appears("form.login input[type=password]")
	p.do(`(() => {
		document.querySelector('input[type=password]').value = 'correct horse';
		setTimeout(() => document.querySelector('form.login').requestSubmit());
	})()`)
	p.appears("video")
	p.untilState("live")
	p.mustRun()
}

// appears waits for an element, also on the page that takes this one's place.
func (p *page) appears(selector string) {
	p.t.Helper()
	expression := fmt.Sprintf("document.querySelector(%q) !== null", selector)
	for begun, there := time.Now(), false; !there; {
		if err := p.tab.evaluate(expression, &there); err != nil {
			there = false // none while the one page goes and the other comes
		}
		if time.Since(begun) > 2*patience {
			p.t.Fatalf("no %s; the page says %+v", selector, p.state())
		}
	}
}

// fallbackClock is the clock in the MJPEG that the page shows.
const fallbackClock = `(() => {
	const c = document.getElementById('fallback');
	return probe.readClock(c.getContext('2d').getImageData(0, 0, c.width, c.height));
})()`

// TestQuality: who chooses a smaller picture gets it, and the whole one again.
func TestQuality(t *testing.T) {
	server := serve(t, "--size", "640x360")
	p := open(t, chromium(t), server.url)
	p.untilState("live")
	p.untilWidth("== 640")
	for _, c := range []struct{ choice, width string }{{"half", "== 320"}, {"auto", "== 640"}, {"quarter", "== 160"}, {"full", "== 640"}} {
		p.do(fmt.Sprintf("probe.say({ type: 'quality', rendition: %q })", c.choice))
		t.Logf("%s after %v", c.choice, p.untilWidth(c.width))
	}
	p.mustRun()
}

// TestStatistics: what the panel says is what is, above all how old the picture
// is: the clock in it tells.
func TestStatistics(t *testing.T) {
	server := serve(t, "--bitrate", fmt.Sprint(int(capture.Mbps)))
	p := open(t, chromium(t), server.url)
	p.untilState("live")
	p.do("document.getElementById('show-info').click()")
	p.until("probe.line('Camera to screen') > 0")
	p.resize(desktop())
	p.look(t.Name(), desktop())
	for began := time.Now(); ; {
		// By the clock in the same pictures, for when they come onto the screen.
		both := value[struct {
			Says float64
			Is   []float64
		}](p, "Promise.all([probe.says('Camera to screen', 4000), probe.ages(4000, true)]).then(([says, is]) => ({ says, is }))")
		is := percentile(both.Is, 50)
		if math.Abs(both.Says-is) < max(8, is/5) {
			t.Logf("camera to screen: says %.1f ms, is %.1f ms", both.Says, is)
			break
		}
		if time.Since(began) > 2*patience { // the machine may have other work at times
			t.Fatalf("camera to screen: says %.1f ms, is %.1f ms", both.Says, is)
		}
	}
	if text := value[string](p, "document.getElementById('info').innerText"); strings.Contains(text, "estimate") ||
		!strings.Contains(text, "H.264") || !strings.Contains(text, "UDP") || !strings.Contains(text, "full") {
		t.Errorf("it says\n%s", text)
	}
	if rate := value[float64](p, "probe.line('Frame rate')"); rate < 5 || rate > 60 {
		t.Errorf("%v pictures per second", rate)
	}
}
