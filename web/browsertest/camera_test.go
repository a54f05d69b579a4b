//go:build browser && linux

package browsertest

import (
	"strings"
	"testing"
)

// TestNoCamera: a camera that is not there is no reason to end, nor to show
// nothing.
func TestNoCamera(t *testing.T) {
	t.Parallel()
	server := serve(t, "--source", "no-such-camera")
	p := open(t, chromium(t), server.url)
	p.untilState("lost")
	says := p.state()
	if says.Title != "No camera" || !strings.Contains(says.Detail, "camera") {
		t.Errorf("the page says %+v, want what is wrong with the camera", says)
	}
	if title := value[string](p, "document.title"); !strings.HasPrefix(title, says.Title) {
		t.Errorf("title of the tab is %q, want it to begin with %q", title, says.Title)
	}
}
