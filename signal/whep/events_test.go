package whep

import (
	"bufio"
	"context"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pushcam/pushcam/signal"
)

// listening is a player that hears events.
type listening struct {
	t      *testing.T
	lines  chan string // closed with the stream
	cancel func()
}

// listen asks for an event stream.
func (e *endpoint) listen(url string) *listening {
	e.t.Helper()
	ctx, cancel := context.WithCancel(e.t.Context())
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		e.t.Fatal(err)
	}
	response, err := e.client.Do(request)
	if err != nil {
		e.t.Fatal(err)
	}
	if response.StatusCode != http.StatusOK || response.Header.Get("Content-Type") != "text/event-stream" {
		e.t.Fatalf("%s, %v", response.Status, response.Header)
	}
	l := &listening{t: e.t, lines: make(chan string, 100), cancel: cancel}
	go func() {
		defer close(l.lines)
		defer response.Body.Close()
		for scan := bufio.NewScanner(response.Body); scan.Scan(); {
			if scan.Text() != "" {
				l.lines <- scan.Text()
			}
		}
	}()
	e.t.Cleanup(l.stop)
	return l
}

// stop ends it from the player's side.
func (l *listening) stop() {
	l.cancel()
	l.ends()
}

// hears waits for the next event.
func (l *listening) hears(name, data string) {
	l.t.Helper()
	for _, want := range []string{"event: " + name, "data: " + data} {
		select {
		case got := <-l.lines:
			if got != want {
				l.t.Fatalf("heard %q, want %q", got, want)
			}
		case <-time.After(20 * time.Second):
			l.t.Fatalf("heard nothing, want %q", want)
		}
	}
}

// ends waits for the end of the stream, whatever comes before.
func (l *listening) ends() {
	l.t.Helper()
	timeout := time.After(20 * time.Second)
	for {
		select {
		case _, more := <-l.lines:
			if !more {
				return
			}
		case <-timeout:
			l.t.Fatal("the stream does not end")
		}
	}
}

// events makes an event stream and returns its URL.
func (e *endpoint) events(session, body string) string {
	e.t.Helper()
	response, text := e.do("POST", session+"/events", header("Content-Type", "application/json"), body)
	location, err := response.Location()
	if err != nil {
		e.t.Fatalf("%s: %s", response.Status, text)
	}
	return location.String()
}

func TestEvents(t *testing.T) {
	var viewers atomic.Int64
	viewers.Store(1)
	e := newEndpoint(t, script{}, func(c *HandlerConfig, _ *Limits) { c.Viewers = func() int { return int(viewers.Load()) } })
	url, _ := e.begin()
	stream := e.events(url, "")
	l := e.listen(stream)
	l.hears("active", "{}")
	l.hears("viewercount", `{"viewercount":1}`)

	e.states.Set(signal.CameraState{State: signal.CameraLost, Detail: "unplugged"})
	l.hears("inactive", "{}")
	e.states.Set(signal.CameraState{State: signal.CameraOpening})
	viewers.Store(2)
	l.hears("viewercount", `{"viewercount":2}`)
	e.states.Set(live)
	l.hears("active", "{}")

	// Who comes back hears how it is, and the former request ends.
	again := e.listen(stream)
	l.ends()
	again.hears("active", "{}")
	again.hears("viewercount", `{"viewercount":2}`)

	// Meanwhile the camera is lost: that is what it hears first then.
	again.stop()
	e.states.Set(signal.CameraState{State: signal.CameraLost})
	again = e.listen(stream)
	again.hears("inactive", "{}")

	if response, _ := e.do("DELETE", stream, nil, ""); response.StatusCode != http.StatusNoContent {
		t.Error(response.Status)
	}
	again.ends()
	if response, _ := e.do("GET", stream, nil, ""); response.StatusCode != http.StatusNotFound {
		t.Error("after its end: ", response.Status)
	}
}

// TestWantedEvents: a player gets those that it names. Without a camera there is
// no inactive at the beginning.
func TestWantedEvents(t *testing.T) {
	e := newEndpoint(t, script{}, func(c *HandlerConfig, _ *Limits) { c.Viewers = func() int { return 7 } })
	url, _ := e.begin()
	e.states.Set(signal.CameraState{State: signal.CameraLost})
	l := e.listen(e.events(url, `["viewercount","inactive","layers"]`))
	l.hears("viewercount", `{"viewercount":7}`)
	e.states.Set(live)
	e.states.Set(signal.CameraState{State: signal.CameraLost})
	e.states.Set(live)
	e.sessions.last().end()
	for line := range l.lines {
		if strings.Contains(line, eventActive) && !strings.Contains(line, eventInactive) {
			t.Errorf("heard %q", line)
		}
	}
}

func TestStreamLimit(t *testing.T) {
	e := newEndpoint(t, script{}, func(_ *HandlerConfig, l *Limits) { l.Streams = 2 })
	url, _ := e.begin()
	e.events(url, "")
	stream := e.events(url, "[]")
	if response, _ := e.do("POST", url+"/events", nil, ""); response.StatusCode != http.StatusTooManyRequests {
		t.Error(response.Status)
	}
	e.do("DELETE", stream, nil, "")
	e.events(url, "")
}

// TestEventsEndWithTheSession also for a player that does not read.
func TestEventsEndWithTheSession(t *testing.T) {
	e := newEndpoint(t, script{}, nil)
	url, _ := e.begin()
	stream := e.events(url, "")
	l := e.listen(stream)
	l.hears("active", "{}")
	e.do("DELETE", url, nil, "")
	l.ends()
	if response, _ := e.do("GET", stream, nil, ""); response.StatusCode != http.StatusNotFound {
		t.Error(response.Status)
	}
}
