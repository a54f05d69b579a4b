//go:build browser && linux

package browsertest

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
)

// TestBackground: a tab that is behind another one holds the camera for a while
// only, and shows the picture when it is looked at again.
func TestBackground(t *testing.T) {
	server, b := serve(t), chromium(t).(chromiumBrowser)
	p := open(t, b, server.url)
	p.untilState("live")
	p.do("(() => { const later = setTimeout; window.setTimeout = (f, ms) => later(f, ms === 60000 ? 2000 : ms); })()")

	before := b.inFront(t, p)
	p.until("document.hidden")
	p.untilReason("paused", "hidden")
	server.untilViewers(0)
	if err := chromedp.Cancel(before); err != nil {
		t.Fatal(err)
	}
	p.until("!document.hidden")
	p.untilState("live")
	p.mustRun()

	// A short look elsewhere costs nothing.
	b.inFront(t, p)
	p.until("document.hidden")
	if n := value[int](p, "probe.sockets.length"); n != 2 || server.viewers() != 1 {
		t.Errorf("%d sessions, and %d viewers; want the second one to go on", n, server.viewers())
	}
}

// inFront opens another tab in the page's window, over the page.
func (b chromiumBrowser) inFront(t *testing.T, p *page) context.Context {
	t.Helper()
	ctx, closeTab := chromedp.NewContext(p.tab.(chromiumTab).ctx, chromedp.WithNewWindow(false))
	t.Cleanup(closeTab)
	if err := chromedp.Do(ctx, chromedp.Navigate("about:blank")); err != nil {
		t.Fatal(err)
	}
	return ctx
}

// TestSleep: a computer that slept, until long after the server has given it up,
// shows the picture as soon as it is awake.
func TestSleep(t *testing.T) {
	server, b := serve(t), chromium(t).(chromiumBrowser)
	p := open(t, b, server.url)
	p.untilState("live")
	p.mustRun()

	processes := family(t, chromedp.FromContext(b.ctx).Browser.Process().Pid)
	t.Cleanup(func() { wake(processes) }) // it could not end
	for _, pid := range processes {
		if err := syscall.Kill(pid, syscall.SIGSTOP); err != nil {
			t.Fatalf("stop Chromium: %v", err)
		}
	}
	server.untilViewers(0)
	woke := time.Now()
	wake(processes)
	p.until("probe.sockets.length > 1")
	p.untilReason("live", "")
	t.Logf("picture %v after waking", time.Since(woke).Round(time.Millisecond))
	p.mustRun()
}

func wake(processes []int) {
	for _, pid := range processes {
		_ = syscall.Kill(pid, syscall.SIGCONT)
	}
}

// family lists a process and all that it has started, itself or by others.
func family(t *testing.T, pid int) []int {
	t.Helper()
	lists, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid))
	if err != nil {
		t.Fatal(err)
	}
	all := []int{pid}
	for _, list := range lists {
		children, err := os.ReadFile(list)
		if err != nil {
			continue // a thread that has ended
		}
		for field := range strings.FieldsSeq(string(children)) {
			child, err := strconv.Atoi(field)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, family(t, child)...)
		}
	}
	return all
}

// viewers asks the server how many it has.
func (p *program) viewers() int {
	p.t.Helper()
	client := http.Client{Timeout: startLimit}
	answer, err := client.Get(p.url + "api/v1/state")
	if err != nil {
		p.t.Fatal(err)
	}
	defer answer.Body.Close()
	var state struct{ Viewers int }
	if err := json.NewDecoder(answer.Body).Decode(&state); err != nil {
		p.t.Fatal(err)
	}
	return state.Viewers
}

// untilViewers waits for the server to have so many; a minute, as it takes half of
// that to give up somebody who says nothing any more.
func (p *program) untilViewers(n int) {
	p.t.Helper()
	for begun := time.Now(); p.viewers() != n; <-time.After(50 * time.Millisecond) {
		if time.Since(begun) > 3*patience {
			p.t.Fatalf("%d viewers, want %d", p.viewers(), n)
		}
	}
}

// TestUnplugged: the camera goes, and the page says so; it comes back, and so does
// the picture, by the same connection.
func TestUnplugged(t *testing.T) {
	fifo := filepath.Join(t.TempDir(), "camera.y4m")
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	plug := func() *exec.Cmd {
		camera := exec.Command("ffmpeg", "-v", "error", "-y", "-re", "-f", "lavfi", "-i", "testsrc=size=320x240:rate=15",
			"-pix_fmt", "yuv420p", "-f", "yuv4mpegpipe", fifo)
		camera.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
		if err := camera.Start(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = camera.Process.Kill(); _ = camera.Wait() })
		return camera
	}
	camera := plug()
	p := open(t, chromium(t), serve(t, "--source", fifo).url)
	p.untilState("live")
	p.decode(10)
	if err := camera.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	p.untilState("lost")
	plug()
	p.untilState("live")
	p.decode(10)
	if n := value[int](p, "probe.sockets.length"); n != 1 {
		t.Errorf("%d connections, want the first to go on", n)
	}
	p.untroubled()
}

// TestThumb: a tap on the picture brings the buttons and takes them away, and they
// can be tapped.
func TestThumb(t *testing.T) {
	p := open(t, chromium(t), serve(t).url)
	p.resize(phone())
	p.untilState("live")
	const shown = "getComputedStyle(document.getElementById('controls')).opacity === '1'"
	p.until("!(" + shown + ")") // nobody does anything
	p.tap("document.body")
	p.until(shown)
	p.tap("document.body")
	p.until("!(" + shown + ")")
	p.tap("document.body")
	p.until(shown)
	p.tap("document.getElementById('play')")
	p.untilState("paused")
}

// tap puts a finger on the middle of an element.
func (p *page) tap(element string) {
	p.t.Helper()
	at := value[[]float64](p, fmt.Sprintf("(({ left, right, top, bottom }) => [(left + right) / 2, (top + bottom) / 2])(%s.getBoundingClientRect())", element))
	ctx := p.tab.(chromiumTab).ctx
	for _, touch := range []input.DispatchTouchEventParams{
		{Type: input.DispatchTouchEventTypeTouchStart, TouchPoints: []*input.TouchPoint{{X: at[0], Y: at[1]}}},
		{Type: input.DispatchTouchEventTypeTouchEnd, TouchPoints: []*input.TouchPoint{}},
	} {
		if err := chromedp.Do(ctx, command(input.DispatchTouchEvent, touch)); err != nil {
			p.t.Fatal(err)
		}
	}
}
