//go:build browser && linux

package browsertest

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestPullPage: pages written for the push, relay and pull setup that pushcam
// takes the place of work as they are.
func TestPullPage(t *testing.T) {
	t.Parallel()
	b := chromium(t)
	strict, lenient := serve(t), serve(t, "--allow-origin", "null")

	t.Run("from another port, two at a time", func(t *testing.T) {
		site := servePull(t, strict)
		first, second := open(t, b, site.URL), open(t, b, site.URL)
		first.mustRun()
		second.mustRun()
		first.close()
		second.mustRun()
	})
	t.Run("from a file", func(t *testing.T) {
		open(t, b, pullFile(t, lenient)).mustRun()
	})
	t.Run("from a file, not allowed", func(t *testing.T) {
		open(t, b, pullFile(t, strict)).mustBeRefused()
	})
	t.Run("from another host", func(t *testing.T) {
		// Both are this machine, but the browser cannot know.
		site := servePull(t, strict)
		open(t, b, strings.Replace(site.URL, "127.0.0.1", "localhost", 1)).mustBeRefused()
	})
}

// TestPullPageWithoutCamera: a page that knows no states shows what is wrong,
// as it comes in the picture.
func TestPullPageWithoutCamera(t *testing.T) {
	t.Parallel()
	p := open(t, chromium(t), servePull(t, serve(t, "--source", "no-such-camera")).URL)
	p.until("probe.reception().then((r) => r.decoded >= 3)") // they go on coming
	// Bright words on a dark ground.
	const picture = `probe.pixels().then((p) => {
		const bright = p.filter((v) => v > 140).length / p.length, dark = p.filter((v) => v < 70).length / p.length;
		return bright > 0.005 && bright < 0.2 && dark > 0.7;
	})`
	p.until(picture)
	if shot, err := p.tab.screenshot(); err == nil {
		_ = os.WriteFile(filepath.Join(screenshotPath, "slate-pull.png"), shot, 0o644) // to look at
	}
}

// mustBeRefused checks that the page's WebSocket closes without having opened.
func (p *page) mustBeRefused() {
	p.t.Helper()
	p.until("probe.sockets[0]?.closed")
	if value[bool](p, "probe.sockets.some((socket) => socket.opened)") {
		p.t.Error("a foreign page's WebSocket opened")
	}
}

// pullPage is testdata/pull.html for a server on another port than 1990.
func pullPage(t *testing.T, server *program) string {
	t.Helper()
	text, err := os.ReadFile("testdata/pull.html")
	if err != nil {
		t.Fatal(err)
	}
	const usual = "127.0.0.1:1990"
	if strings.Count(string(text), usual) != 1 {
		t.Fatalf("pull.html has no %s, or several", usual)
	}
	return strings.Replace(string(text), usual, server.host, 1)
}

// servePull serves the page on a port of its own.
func servePull(t *testing.T, server *program) *httptest.Server {
	t.Helper()
	page := pullPage(t, server)
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write([]byte(page))
	}))
	t.Cleanup(site.Close)
	return site
}

// pullFile saves the page and returns its file: URL.
func pullFile(t *testing.T, server *program) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "pull.html")
	if err := os.WriteFile(path, []byte(pullPage(t, server)), 0o600); err != nil {
		t.Fatal(err)
	}
	return "file://" + path
}
