//go:build browser && linux

package browsertest

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"
)

// TestPlays: the page shows the camera in each browser, in the codec it should.
func TestPlays(t *testing.T) {
	for _, c := range []struct {
		name    string
		browser func(*testing.T) browser
		codec   string // pushcam's flag
		want    string // what the browser says that it decodes
		info    string // what the page says
	}{
		{"Chromium H.264", plainChromium, "h264", "video/H264", "H.264"},
		{"Chromium VP8", plainChromium, "vp8", "video/VP8", "VP8"},
		{"Chromium decides", plainChromium, "auto", "video/H264", "H.264"},
		// It has no H.264 here.
		{"Firefox decides", firefox, "auto", "video/VP8", "VP8"},
	} {
		t.Run(c.name, func(t *testing.T) {
			server := serve(t, "--codec", c.codec)
			p := open(t, c.browser(t), server.url)
			p.untilState("live")
			t.Logf("camera to screen: %v", p.mustRun())

			before := p.reception()
			if before.Codec != c.want {
				t.Errorf("decodes %s, want %s", before.Codec, c.want)
			}
			p.until(fmt.Sprintf("(await probe.reception()).decoded >= %d", before.Decoded+10))
			p.until(fmt.Sprintf("document.getElementById('info').textContent.startsWith(%q)", c.info))
			p.until("document.querySelector('video').videoWidth === 640")
			server.stop()
			p.untilState("gone")
		})
	}
}

func plainChromium(t *testing.T) browser { return chromium(t) }

// TestPlaysOverTCP: a viewer whose network lets no UDP through.
func TestPlaysOverTCP(t *testing.T) {
	server := serve(t)
	b := chromium(t, chromedp.Flag("webrtc-ip-handling-policy", "disable_non_proxied_udp"))
	p := open(t, b, server.url)
	p.untilState("live")
	t.Logf("camera to screen: %v", p.mustRun())
	if got := p.reception(); got.Transport != "tcp" {
		t.Errorf("receives %+v, want tcp", got)
	}
}
