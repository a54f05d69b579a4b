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
}
