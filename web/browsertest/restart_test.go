//go:build browser && linux

package browsertest

import (
	"testing"
	"time"
)

// testReturns: the server goes, the page says so; it comes back, and so does
// the picture, with nobody touching anything.
func testReturns(t *testing.T, b browser, end func(*program)) {
	server := serve(t)
	p := open(t, b, server.url)
	p.untilState("live")
	p.mustRun()

	ending := time.Now()
	end(server)
	p.untilState("gone")
	noticed := time.Since(ending)
	if says := p.state(); says.Title == "" || says.Text == "" {
		t.Errorf("the page says %+v, want what is wrong", says)
	}

	restart := time.Now()
	serve(t, "--listen", server.host)
	up := time.Now()
	p.untilState("live")
	t.Logf("gone after %v, picture %v after the server was up again",
		noticed.Round(time.Millisecond), time.Since(up).Round(time.Millisecond))
	if frame := p.frames(1)[0]; frame.Clock < restart.UnixMilli() {
		t.Errorf("shows a picture from %d ms before the restart", restart.UnixMilli()-frame.Clock)
	}
	p.mustRun()
	p.untroubled()
}
