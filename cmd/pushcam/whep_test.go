package main

import (
	"bufio"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/pushcam/pushcam/peer"
	"github.com/pushcam/pushcam/peer/viewer"
	"github.com/pushcam/pushcam/signal"
	"github.com/pushcam/pushcam/signal/whep"
)

func TestWatchWHEPRefused(t *testing.T) {
	s := startServe(t, append(small, "--max-viewers=1", "--codec=vp8")...)
	for _, tt := range []struct {
		name, path string
		args       []string
		says       string
	}{
		{"no endpoint", "/nowhere", nil, "405"},
		{"no codec", "/whep", []string{"--codec=h264"}, "406"},
		{"a page", "/healthz", nil, "405"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, code, complaint := watchOnce(t, s.url+tt.path, append([]string{"--duration=20s"}, tt.args...)...)
			if code != exitFailed || !strings.Contains(complaint, tt.says) {
				t.Errorf("exit code %d, %s", code, complaint)
			}
		})
	}
	got, code, complaint := watchOnce(t, s.url+"/whep", "--viewers=2", "--duration=5s")
	if code != exitFailed || got.Playing != 1 || !strings.Contains(complaint, "503") || !strings.Contains(complaint, "--max-viewers") {
		t.Errorf("exit code %d, %d playing, %s", code, got.Playing, complaint)
	}
}

// player is a viewer at work that came by WHEP.
type player struct {
	*viewer.Viewer
	client   *whep.Client
	pictures chan viewer.Picture
}

// newPlayer begins to watch; it ends with the test.
func newPlayer(t *testing.T, url string) *player {
	t.Helper()
	return newPlayerBy(t, url, nil)
}

func newPlayerBy(t *testing.T, url string, client *http.Client) *player {
	t.Helper()
	network, err := viewer.NewNetwork(viewer.NetworkConfig{Loopback: true})
	if err != nil {
		t.Fatal(err)
	}
	p := &player{pictures: make(chan viewer.Picture, 1000)}
	candidates := make(chan signal.Candidate, 100)
	p.Viewer, err = viewer.New(viewer.Config{
		Network: network,
		OnPicture: func(picture viewer.Picture) {
			select {
			case p.pictures <- picture:
			default:
			}
		},
		OnCandidate: func(c peer.Candidate) {
			select {
			case candidates <- signal.Candidate(c):
			default:
			}
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = p.Run(t.Context()) // how it ends is each test's matter
	}()
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
		<-ended
	})
	offer, err := p.Offer(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var answer string
	if p.client, answer, err = whep.Dial(t.Context(), url, offer, client); err != nil {
		t.Fatal(err)
	}
	if err := p.SetAnswer(answer); err != nil {
		t.Fatal(err)
	}
	if err := p.client.Trickle(t.Context(), <-candidates); err != nil {
		t.Fatal(err)
	}
	return p
}

// see waits for so many pictures.
func (p *player) see(t *testing.T, n int) {
	t.Helper()
	for range n {
		select {
		case <-p.pictures:
		case <-time.After(20 * time.Second):
			t.Fatal("no picture within 20 s")
		}
	}
}

// drain forgets what it has seen.
func (p *player) drain() {
	for len(p.pictures) > 0 {
		<-p.pictures
	}
}

// TestWHEPSession is a player's whole life: candidates that come later, two ICE
// restarts, events, the end. Nothing of it is left.
func TestWHEPSession(t *testing.T) {
	leaks := goleak.IgnoreCurrent()
	s := startServe(t, small...)
	p, other := newPlayer(t, s.url+"/whep"), newPlayer(t, s.url+"/whep")
	p.see(t, 10)
	for range 2 {
		offer, err := p.Restart(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		answer, err := p.client.Restart(t.Context(), offer)
		if err != nil {
			t.Fatal(err)
		}
		p.drain()
		if err := p.SetAnswer(answer); err != nil {
			t.Fatal(err)
		}
		p.see(t, 10)
	}
	if err := p.client.Close(t.Context()); err != nil {
		t.Error(err)
	}
	if err := p.client.Close(t.Context()); err != nil {
		t.Errorf("a session that is gone: %v", err)
	}
	other.drain()
	other.see(t, 10)
	if err := other.client.Close(t.Context()); err != nil {
		t.Error(err)
	}
	for _, p := range []*player{p, other} {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	}
	s.stop()
	http.DefaultTransport.(*http.Transport).CloseIdleConnections()
	if err := goleak.Find(leaks); err != nil {
		t.Error(err)
	}
}

// TestWHEPEvents: a player is told of the camera and of the others.
func TestWHEPEvents(t *testing.T) {
	s := startServe(t, small...)
	p := newPlayer(t, s.url+"/whep")
	p.see(t, 1)
	response := request(t, "POST", p.client.URL()+"/events", `["active","viewercount"]`)
	location, err := response.Location()
	if err != nil {
		t.Fatal(response.Status, err)
	}
	events := request(t, "GET", location.String(), "")
	lines := bufio.NewScanner(events.Body)
	var heard []string
	for lines.Scan() && len(heard) < 4 {
		if lines.Text() != "" {
			heard = append(heard, lines.Text())
		}
	}
	if got := strings.Join(heard, "; "); got != `event: active; data: {}; event: viewercount; data: {"viewercount":1}` {
		t.Errorf("heard %s", got)
	}
	// The program ends although somebody listens.
	s.stop()
	if _, err := io.Copy(io.Discard, events.Body); err == nil && lines.Err() != nil {
		t.Error(lines.Err())
	}
}

func request(t *testing.T, method, url, body string) *http.Response {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	client := &http.Client{Transport: &http.Transport{}}
	t.Cleanup(client.CloseIdleConnections)
	response, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { response.Body.Close() })
	return response
}
