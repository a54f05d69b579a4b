//go:build browser && linux

package browsertest

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// TestEmbed: a page of another host shows the camera with the element that the
// README has, if its address is listed, and does not if it is not.
func TestEmbed(t *testing.T) {
	t.Parallel()
	var server *program
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = fmt.Fprintf(w, `<!doctype html><title>Garden</title>
<meta name="viewport" content="width=device-width">
<style>body { height: 9999px } pushcam-player { width: 320px }</style>
<script src="%spushcam-player.js" defer></script>
<pushcam-player label="Garden"></pushcam-player>`, server.url)
	}))
	t.Cleanup(site.Close)
	// Both are this machine, but the browser cannot know.
	listed := strings.Replace(site.URL, "127.0.0.1", "localhost", 1)
	server = serve(t, "--frame-ancestor", listed)
	b := chromium(t)
	own := open(t, b, server.url+"healthz")

	stranger := open(t, b, site.URL)
	stranger.until("document.readyState === 'complete' && customElements.get('pushcam-player')")
	if viewers := value[int](own, "fetch('/api/v1/state').then((r) => r.json()).then((s) => s.viewers)"); viewers != 0 {
		t.Errorf("%d viewers through a page that is not listed", viewers)
	}
	stranger.close()

	p := open(t, b, listed)
	p.until("document.querySelector('pushcam-player').clientWidth > 200")
	own.until("(await (await fetch('/api/v1/viewers')).json()).viewers.some(({ pictures }) => pictures > 10)")
	p.resize(desktop())
	p.look("embedded", desktop())
	if err := p.tab.(chromiumTab).wheel(160, 90, 200); err != nil {
		t.Fatal(err)
	}
	p.until("scrollY > 100") // over the frame, it is still this page that scrolls
}

// TestEmbedSizes: an embedded player has its own buttons and words, as far as its
// frame has room, and nothing else.
func TestEmbedSizes(t *testing.T) {
	t.Parallel()
	b := chromium(t)
	for _, c := range []struct {
		width, height int
		buttons       string
	}{{160, 90, "play,fullscreen"}, {320, 180, "play,pip,fullscreen"}, {640, 360, "play,pip,fullscreen"}} {
		w := window{name: fmt.Sprintf("%dx%d", c.width, c.height), width: c.width, height: c.height, scale: 1}
		server := serve(t)
		p := open(t, b, server.url+"embed")
		p.resize(w)
		p.untilState("live")
		p.mustRun()
		if got := value[string](p, `[...document.querySelectorAll('button, select, a')].filter((e) => e.checkVisibility()).map((e) => e.id).join()`); got != c.buttons {
			t.Errorf("%s has %s, want %s", w.name, got, c.buttons)
		}
		p.look("embed-live", w)
		p.do("document.getElementById('play').click()")
		p.untilState("paused")
		p.look("embed-paused", w)
		p.do("document.getElementById('act').click()")
		p.untilState("live")
		server.kill()
		p.untilState("gone")
		p.look("embed-gone", w)
		if loaded := value[string](p, "performance.getEntriesByType('resource').map(({ name }) => name).join(' ')"); strings.Contains(loaded, "settings") || strings.Contains(loaded, "statistics") {
			t.Errorf("%s loaded what it has no buttons for: %s", w.name, loaded)
		}
	}
}
