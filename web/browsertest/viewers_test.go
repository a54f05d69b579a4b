//go:build browser && linux

package browsertest

import (
	"strings"
	"testing"
)

// TestThreeViewers: one of three leaves, the others do not notice, and its
// place is free again.
func TestThreeViewers(t *testing.T) {
	t.Parallel()
	server, b := serve(t, "--max-viewers", "3"), chromium(t)
	var viewers []*page
	for range 3 {
		viewers = append(viewers, open(t, b, server.url))
	}
	for _, p := range viewers {
		p.untilState("live")
		p.frames(1)
	}

	viewers[1].close()
	viewers[1] = open(t, b, server.url)
	viewers[1].untilState("live")
	for _, p := range viewers {
		p.mustRun()
		if n := value[int](p, "probe.sockets.length"); n != 1 {
			t.Errorf("connected %d times, want once", n)
		}
	}
}

// TestViewerLimit: one too many is told so, and gets in when there is room.
func TestViewerLimit(t *testing.T) {
	t.Parallel()
	server, b := serve(t, "--max-viewers", "1"), chromium(t)
	first := open(t, b, server.url)
	first.untilState("live")

	second := open(t, b, server.url)
	second.untilState("full")
	if says := second.state(); !strings.Contains(says.Title, "many viewers") || says.Detail == "" {
		t.Errorf("the page says %+v, want why there is no picture", says)
	}
	first.mustRun()

	first.close()
	second.untilState("live")
	second.mustRun()
}
