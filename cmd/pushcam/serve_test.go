package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/pushcam/pushcam/peer/viewer"
	"github.com/pushcam/pushcam/signal"
	"github.com/pushcam/pushcam/signal/ws"
	"github.com/pushcam/pushcam/signal/ws/wstest"
)

// small keeps the encoders cheap in tests.
var small = []string{"--source=pattern", "--size=320x180", "--fps=15", "--bitrate=300k", "--linger=0s"}

// serving is a pushcam serve in this process.
type serving struct {
	url      string // of the page, without the last slash
	greeting string
	stop     func()        // ends it and holds it to exit code 0
	logged   *bytes.Buffer // to be read after stop
}

// startServe runs pushcam serve on free ports of 127.0.0.1 until the test ends.
func startServe(t *testing.T, args ...string) *serving {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	out, printed := io.Pipe()
	var complaints bytes.Buffer
	exited := make(chan int, 1)
	go func() {
		exited <- run(ctx, append([]string{"--listen=127.0.0.1:0", "--media-port=0", "--ice-tcp-port=0"}, args...), nil, printed, &complaints)
		_ = printed.Close() // ends the scanner below
	}()
	s := &serving{logged: &complaints}
	lines := bufio.NewScanner(out)
	for lines.Scan() && !strings.Contains(lines.Text(), "waiting for viewers") {
		s.greeting += lines.Text() + "\n"
		if name, url, _ := strings.Cut(lines.Text(), " "); name == "open" {
			s.url = strings.TrimRight(strings.TrimSpace(url), "/")
		}
	}
	stopped := false
	s.stop = func() {
		if stopped {
			return
		}
		stopped = true
		cancel()
		// Which tells, too, that it closed within its time.
		if code := <-exited; code != exitOK {
			t.Errorf("serve: exit code %d: %s", code, &complaints)
		}
	}
	t.Cleanup(s.stop)
	if s.url == "" {
		t.Fatalf("serve did not start: %s", &complaints)
	}
	return s
}

// watchOnce runs pushcam watch --json and returns what it counted. Who asks for
// a number of pictures need not care how long they take.
func watchOnce(t *testing.T, url string, args ...string) (report viewer.Report, code int, complaint string) {
	t.Helper()
	var out, err bytes.Buffer
	code = run(t.Context(), append([]string{"watch", "--json", "--duration=1m", url}, args...), nil, &out, &err)
	if e := json.Unmarshal(out.Bytes(), &report); e != nil {
		t.Fatalf("watch printed %q, %q: %v", &out, &err, e)
	}
	return report, code, err.String()
}

func TestServeAndWatch(t *testing.T) {
	leaks := goleak.IgnoreCurrent()
	for _, tt := range []struct {
		name         string
		path         string // of the URL to watch
		serve, watch []string
		codec        string
	}{
		{"H.264 when nobody says", "", nil, nil, "h264"},
		{"VP8 for a viewer without H.264", "", nil, []string{"--codec=vp8"}, "vp8"},
		{"VP8 when the server says", "", []string{"--codec=vp8"}, nil, "vp8"},
		{"without TCP", "", []string{"--ice-tcp-port=off", "--interface=lo"}, nil, "h264"},
		{"WHEP, H.264 when nobody says", "/whep", nil, nil, "h264"},
		{"WHEP, VP8 for a player without H.264", "/whep", nil, []string{"--codec=vp8"}, "vp8"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := startServe(t, append(small, tt.serve...)...)
			got, code, complaint := watchOnce(t, s.url+tt.path, append([]string{"--viewers=2", "--pictures=20"}, tt.watch...)...)
			if code != exitOK || got.Playing != 2 || got.Codecs[tt.codec] != 2 || got.Sizes["320x180"] != 2 || got.PacketsLost != 0 {
				t.Errorf("exit code %d, %+v, %s", code, got, complaint)
			}
			if got.Pictures < 2*20 {
				t.Errorf("%d pictures, want 20 for each viewer", got.Pictures)
			}
		})
	}
	if err := goleak.Find(leaks); err != nil {
		t.Error(err)
	}
}

func TestServeFull(t *testing.T) {
	s := startServe(t, append(small, "--max-viewers=1")...)
	got, code, complaint := watchOnce(t, s.url, "--viewers=2", "--pictures=5")
	if code != exitFailed || got.Playing != 1 || !strings.Contains(complaint, "full") || !strings.Contains(complaint, "--max-viewers") {
		t.Errorf("exit code %d, %d playing, %s", code, got.Playing, complaint)
	}
}

func TestServeWithoutItsCamera(t *testing.T) {
	s := startServe(t, "--source=no-such-camera")
	if !strings.Contains(s.greeting, "no camera") {
		t.Errorf("greeting does not say so: %s", s.greeting)
	}
	got, code, complaint := watchOnce(t, s.url, "--pictures=3")
	if code != exitFailed || got.Connected != 1 || !strings.Contains(complaint, "camera lost: ") || !strings.Contains(complaint, "no camera") {
		t.Errorf("exit code %d, %d connected, %s", code, got.Connected, complaint)
	}
	// What it does see is the slate that says so.
	if got.Pictures < 3 || got.Sizes["1280x720"] != 1 {
		t.Errorf("%d pictures of %v, want 3 of 1280x720", got.Pictures, got.Sizes)
	}
}

func TestWatchNobody(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	_, code, complaint := watchOnce(t, address, "--viewers=3")
	if code != exitFailed || strings.Count(complaint, "\n") != 1 || !strings.Contains(complaint, "no picture for 3 of 3 viewers") || !strings.Contains(complaint, "refused") {
		t.Errorf("exit code %d, %s", code, complaint)
	}
}

func TestPortsInUse(t *testing.T) {
	s := startServe(t, small...)
	port := regexp.MustCompile(`UDP (\d+), TCP (\d+)`).FindStringSubmatch(s.greeting)
	if port == nil {
		t.Fatalf("no media ports in the greeting: %s", s.greeting)
	}
	_, http, _ := strings.Cut(s.url, "127.0.0.1")
	for flag, used := range map[string]string{"--listen": "127.0.0.1" + http, "--media-port": port[1], "--ice-tcp-port": port[2]} {
		t.Run(flag, func(t *testing.T) {
			args := append(append([]string{"--listen=127.0.0.1:0", "--media-port=0", "--ice-tcp-port=0"}, small...), flag+"="+used)
			var out, err bytes.Buffer
			if code := run(t.Context(), args, nil, &out, &err); code != exitFailed || !strings.Contains(err.String(), flag) {
				t.Errorf("exit code %d: %s", code, &err)
			}
		})
	}
}

func TestServeTellsViewersOfItsEnd(t *testing.T) {
	s := startServe(t, small...)
	client, err := ws.Dial(t.Context(), strings.Replace(s.url, "http", "ws", 1), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	for _, m := range []signal.Message{signal.PullInit{ID: "me"}, signal.PullStart{ID: "me"}} {
		if err := client.Send(m); err != nil {
			t.Fatal(err)
		}
	}
	for told := false; !told; {
		m, err := client.Receive(t.Context())
		if err != nil {
			t.Fatalf("closed without a word: %v", err)
		}
		switch m := m.(type) {
		case signal.Offer:
			go s.stop()
		case *signal.Error:
			if told = true; m.Code != signal.Gone {
				t.Errorf("told %v", m)
			}
		}
	}
	s.stop()
}

func TestServeThroughRelay(t *testing.T) {
	relay := httptest.NewServer(wstest.NewRelay())
	defer relay.Close()
	startServe(t, append(small, "--relay=ws"+strings.TrimPrefix(relay.URL, "http"))...)
	for range 2 { // the relay forgets its pusher when the first viewer goes
		got, code, complaint := watchOnce(t, relay.URL, "--pictures=5")
		if code != exitOK || got.Playing != 1 {
			t.Errorf("exit code %d, %d playing, %s", code, got.Playing, complaint)
		}
	}
}

func TestServeGuardsItsDoor(t *testing.T) {
	s := startServe(t, append(small, "--allow-host=cam.example", "--allow-origin=https://page.example")...)
	for _, tt := range []struct {
		name, host, origin string
		upgrade            bool
		status             int
	}{
		{"the page", "", "", false, http.StatusOK},
		{"a listed name", "cam.example", "", false, http.StatusOK},
		{"a foreign name", "evil.example", "", false, http.StatusMisdirectedRequest},
		{"a socket", "", "", true, http.StatusSwitchingProtocols},
		{"a socket for a listed page", "", "https://page.example", true, http.StatusSwitchingProtocols},
		{"a socket for a foreign page", "", "https://evil.example", true, http.StatusForbidden},
		{"a socket by a foreign name", "evil.example", "http://evil.example", true, http.StatusMisdirectedRequest},
	} {
		t.Run(tt.name, func(t *testing.T) {
			request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.url+"/", nil)
			if err != nil {
				t.Fatal(err)
			}
			request.Host = tt.host
			if tt.origin != "" {
				request.Header.Set("Origin", tt.origin)
			}
			if tt.upgrade {
				for name, value := range map[string]string{
					"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
				} {
					request.Header.Set(name, value)
				}
			}
			response, err := http.DefaultTransport.RoundTrip(request)
			if err != nil {
				t.Fatal(err)
			}
			_ = response.Body.Close()
			if response.StatusCode != tt.status {
				t.Errorf("status %d, want %d", response.StatusCode, tt.status)
			}
		})
	}
}
