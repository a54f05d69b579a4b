//go:build browser && linux

package browsertest

import (
	"testing"
	"time"
)

// TestRestart: the server dies and comes back, and so does the picture, with
// nobody touching anything.
func TestRestart(t *testing.T) {
	for _, c := range []struct {
		name    string
		browser func(*testing.T) browser
		end     func(*program)
	}{
		{"Chromium, killed", plainChromium, (*program).kill},
		{"Chromium, stopped", plainChromium, (*program).stop},
		{"Firefox, killed", firefox, (*program).kill},
	} {
		t.Run(c.name, func(t *testing.T) {
			server := serve(t)
			p := open(t, c.browser(t), server.url)
			p.untilState("live")
			p.mustRun()

			ending := time.Now()
			c.end(server)
			p.untilState("gone")
			noticed := time.Since(ending)
			if says := p.state(); says.Title == "" || says.Text == "" {
				t.Errorf("the page says %+v, want what is wrong", says)
			}

			serve(t, "--listen", server.host)
			up := time.Now()
			p.untilState("live")
			t.Logf("gone after %v, picture %v after the server is up again",
				noticed.Round(time.Millisecond), time.Since(up).Round(time.Millisecond))
			if frame := p.frames(1)[0]; frame.Clock < up.UnixMilli() {
				t.Errorf("shows a picture from %d ms before the restart", up.UnixMilli()-frame.Clock)
			}
			p.mustRun()
			if value[bool](p, "navigator.userActivation?.hasBeenActive ?? false") {
				t.Error("somebody clicked: the test proves nothing")
			}
		})
	}
}
