//go:build browser && linux

package browsertest

import (
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
)

// TestWHEP: a page of somebody else's plays by WHEP with a few lines of fetch,
// goes on after an ICE restart, hears events and takes its leave.
func TestWHEP(t *testing.T) {
	t.Parallel()
	b, server := chromium(t), serve(t)
	site := serveWHEP(t, server)

	t.Run("from another port", func(t *testing.T) {
		p := open(t, b, site.URL)
		p.mustRun()
		for range 2 {
			p.do("restart()")
			p.mustRun()
		}
		p.until("whep.statuses.PATCH.includes(204) && whep.statuses.PATCH.filter((s) => s === 200).length === 2")
		if got := value[string](p, "listen('viewercount')"); got != `{"viewercount":1}` {
			t.Errorf("viewercount: %s", got)
		}
		if problem := value[string](p, "whep.error"); problem != "" {
			t.Error(problem)
		}
		p.do("ask('DELETE', whep.session)")
		p.until("whep.pc.connectionState !== 'connected'")
		if status := value[int](p, "fetch(whep.session).then((r) => r.status)"); status != http.StatusNotFound {
			t.Errorf("after its end the session is %d", status)
		}
	})
	t.Run("from another host", func(t *testing.T) {
		// Both are this machine, but the browser cannot know.
		p := open(t, b, strings.Replace(site.URL, "127.0.0.1", "localhost", 1))
		p.until("whep.error !== ''")
		if value[string](p, "whep.session") != "" {
			t.Error("a foreign page has a session")
		}
	})
}

// serveWHEP serves testdata/whep.html on a port of its own.
func serveWHEP(t *testing.T, server *program) *httptest.Server {
	t.Helper()
	text, err := os.ReadFile("testdata/whep.html")
	if err != nil {
		t.Fatal(err)
	}
	page := strings.Replace(string(text), "127.0.0.1:1990", server.host, 1)
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write([]byte(page))
	}))
	t.Cleanup(site.Close)
	return site
}
