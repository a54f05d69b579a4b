//go:build browser && linux

package browsertest

import (
	_ "embed" // for the scripts
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

//go:embed clock.js
var clockJS string

//go:embed faults.js
var faultsJS string

//go:embed probe.js
var probeJS string

const (
	// patience is how long a page may take for what it should do at once: a
	// loaded machine is slow, and every wait ends when it is over.
	patience = 20 * time.Second

	// evaluateLimit is for the browser: longer than any wait in a page.
	evaluateLimit = 2 * patience
)

// preload is what runs in a page before its own scripts.
func preload() string {
	return "(() => {\n" + strings.ReplaceAll(clockJS, "export function", "function") + faultsJS + probeJS + "})();"
}

// browser is one running browser, which ends with the test.
type browser interface {
	// tab opens an empty tab where every page will find probe.
	tab() (tab, error)
	// downloads is the folder of what pages save.
	downloads() string
}

// tab is one tab of a browser.
type tab interface {
	// open loads a page.
	open(url string) error
	// evaluate runs an expression in the page, waits for it if it is a
	// promise, and decodes its JSON into value, unless that is nil.
	evaluate(expression string, value any) error
	// press types a character with the keyboard.
	press(key string) error
	resize(window) error
	// screenshot returns what the window shows, as PNG.
	screenshot() ([]byte, error)
	// close may be called more than once.
	close() error
}

// page is a page in a tab, as one test sees it.
type page struct {
	t   testing.TB
	tab tab
}

// open opens a page in a new tab. The tab is closed when the test ends.
func open(t testing.TB, b browser, url string) *page {
	t.Helper()
	tab, err := b.tab()
	if err != nil {
		t.Fatal(err)
	}
	p := &page{t, tab}
	t.Cleanup(p.close)
	if err := tab.open(url); err != nil {
		t.Fatalf("open %s: %v", url, err)
	}
	return p
}

func (p *page) close() {
	p.t.Helper()
	if err := p.tab.close(); err != nil {
		p.t.Errorf("close tab: %v", err)
	}
}

// value evaluates an expression in the page.
func value[T any](p *page, expression string) T {
	p.t.Helper()
	var v T
	if err := p.tab.evaluate(expression, &v); err != nil {
		p.t.Fatalf("evaluate %s: %v; the page says %+v", expression, err, p.state())
	}
	return v
}

// do evaluates an expression for what it does.
func (p *page) do(expression string) {
	p.t.Helper()
	if err := p.tab.evaluate(expression, nil); err != nil {
		p.t.Fatalf("evaluate %s: %v; the page says %+v", expression, err, p.state())
	}
}

// until waits for a condition, a JavaScript expression that may be a promise.
func (p *page) until(condition string) {
	p.t.Helper()
	p.do(fmt.Sprintf("probe.until(async () => (%s), %d).then(() => {})", condition, patience.Milliseconds()))
}

// untilState waits for a state of our own page, and until it can be used: the
// first picture comes before that.
func (p *page) untilState(state string) {
	p.t.Helper()
	p.until(fmt.Sprintf("document.documentElement.dataset.state === %q && (window.pushcamStarted && document.documentElement.dataset.reason !== 'mjpeg' || %[1]q !== 'live')", state))
}

// untroubled checks that nothing has gone wrong that only developers see.
func (p *page) untroubled() {
	p.t.Helper()
	if troubles := value[[]string](p, "probe.troubles"); len(troubles) > 0 {
		p.t.Errorf("the page's troubles: %q", troubles)
	}
}

// words are what the page says at the moment.
type words struct {
	State, Reason, Title, Text, Detail string
}

// state works when nothing else does, and then says so.
func (p *page) state() words {
	var w words
	if err := p.tab.evaluate("probe.state()", &w); err != nil {
		w.Text = err.Error()
	}
	return w
}

// reception is what a page's newest connection receives.
type reception struct {
	Codec     string // "video/VP8"
	Decoded   int    // pictures so far
	Transport string // "udp" or "tcp"

	Width    int     // of the last picture
	Bytes    int64   // of RTP payloads
	Lost     int     // packets
	Nacks    int     // packets asked for again
	Requests int     // for a keyframe
	Freezes  int     // times that the picture stood still much longer than usual
	Frozen   float64 // seconds, in all
	Buffered float64 // seconds that all Emitted pictures together waited in the jitter buffer
	Emitted  int
}

func (p *page) reception() reception {
	p.t.Helper()
	return value[reception](p, "probe.reception()")
}

// shown is one picture as it came onto the screen; milliseconds since 1970.
type shown struct {
	Clock int64 // when it was captured: the pattern's clock, read from it
	Seen  int64
}

// frames waits for the next pictures and reads the clock in each.
func (p *page) frames(count int) []shown {
	p.t.Helper()
	return value[[]shown](p, fmt.Sprintf("probe.frames(%d, %d)", count, patience.Milliseconds()))
}

// mustRun checks that the page shows the camera as it is now: what it shows
// advances with the time, and is not old. A browser that has just begun, or that
// had no processor for a while, may catch up first. It returns the median of the
// time from capture to screen.
func (p *page) mustRun() time.Duration {
	p.t.Helper()
	for begun := time.Now(); ; {
		frames := p.frames(30)
		var ages []int64
		for i, f := range frames {
			ages = append(ages, f.Seen-f.Clock)
			if i > 0 && f.Clock < frames[i-1].Clock || f.Seen < f.Clock {
				p.t.Fatalf("picture %d is older than the one before, or of the future: %v", i, frames)
			}
		}
		first, last := frames[0], frames[len(frames)-1]
		shown, passed := last.Clock-first.Clock, last.Seen-first.Seen
		slices.Sort(ages)
		median := time.Duration(ages[len(ages)/2]) * time.Millisecond
		if max(shown-passed, passed-shown) <= 500 && median <= time.Second {
			return median
		}
		if time.Since(begun) > 2*patience {
			p.t.Fatalf("in %d ms of the wall clock, the picture's advances %d ms; pictures are %d to %d ms old, in the middle %v",
				passed, shown, ages[0], ages[len(ages)-1], median)
		}
	}
}
