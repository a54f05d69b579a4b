//go:build browser && linux

package browsertest

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

func TestChromium(t *testing.T) {
	b := chromium(t)
	t.Run("H.264", func(t *testing.T) { testPlays(t, b, "h264", "video/H264", "H.264") })
	t.Run("VP8", func(t *testing.T) { testPlays(t, b, "vp8", "video/VP8", "VP8") })
	t.Run("controls", func(t *testing.T) { testControls(t, b) })
	t.Run("path dies", func(t *testing.T) { testPathDies(t, b) })
	t.Run("blocked", func(t *testing.T) { testBlocked(t, b) })
	t.Run("server killed", func(t *testing.T) { testReturns(t, b, (*program).kill) })
	t.Run("server stopped", func(t *testing.T) { testReturns(t, b, (*program).stop) })
}

// TestFirefox: it has no H.264 here, so it is the viewer that gets VP8.
func TestFirefox(t *testing.T) {
	b := firefox(t)
	t.Run("VP8", func(t *testing.T) { testPlays(t, b, "auto", "video/VP8", "VP8") })
	t.Run("server killed", func(t *testing.T) { testReturns(t, b, (*program).kill) })
	t.Run("controls", func(t *testing.T) { testControls(t, b) })
	t.Run("path dies", func(t *testing.T) { testPathDies(t, b) })
	t.Run("blocked", func(t *testing.T) { testBlocked(t, b) })
}

// testPlays: the page shows the camera, in the codec that it should. decodes is
// what the browser calls that, and says what the page does.
func testPlays(t *testing.T, b browser, flag, decodes, says string) {
	server := serve(t, "--codec", flag)
	p := open(t, b, server.url)
	p.untilState("live")
	t.Logf("camera to screen: %v", p.mustRun())

	before := p.reception()
	if before.Codec != decodes {
		t.Errorf("decodes %q, want %q", before.Codec, decodes)
	}
	p.until(fmt.Sprintf("(await probe.reception()).decoded >= %d", before.Decoded+10))
	p.do("document.getElementById('show-info').click()")
	p.until(fmt.Sprintf("document.getElementById('info').textContent.includes(%q)", says))
	p.do("document.getElementById('show-info').click()")
	if width := value[int](p, "document.querySelector('video').videoWidth"); width != 640 {
		t.Errorf("picture is %d wide, want 640", width)
	}
	p.untroubled()
	if others := value[[]string](p, "performance.getEntriesByType('resource').map(({ name }) => name).filter((name) => new URL(name).host !== location.host)"); len(others) > 0 {
		t.Errorf("the page asks other hosts: %q", others)
	}
	p.resize(desktop())
	p.look(strings.ReplaceAll(t.Name(), "/", "-"), desktop())
}

// TestNoUDP: a viewer whose network lets only TCP through.
func TestNoUDP(t *testing.T) {
	server := serve(t)
	b := chromium(t, chromedp.Flag("webrtc-ip-handling-policy", "disable_non_proxied_udp"))
	p := open(t, b, server.url)
	p.untilState("live")
	t.Logf("camera to screen: %v", p.mustRun())
	if got := p.reception(); got.Transport != "tcp" || got.Codec != "video/H264" {
		t.Errorf("receives %+v, want the preferred codec over tcp", got)
	}
}
