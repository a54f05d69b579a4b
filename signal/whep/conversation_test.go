package whep

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func TestOffer(t *testing.T) {
	e := newEndpoint(t, script{}, func(c *HandlerConfig, _ *Limits) {
		c.Viewers = func() int { return 1 }
		c.ICEServers = []ICEServer{{URL: "stun:stun.example.org"}, {URL: "turn:turn.example.org?transport=udp", Username: "u", Password: `a"b`}}
	})
	response, answer := e.do("POST", Path, header("Content-Type", "application/sdp", "User-Agent", "a player"), offer)
	if answer != answerOf(0) || response.Header.Get("Content-Type") != "application/sdp" {
		t.Errorf("%v, %q", response.Header, answer)
	}
	session := e.sessions.last()
	if session.offer != offer || session.viewer.UserAgent != "a player" || session.viewer.RemoteAddr == "" {
		t.Errorf("the session got %q of %+v", session.offer, session.viewer)
	}
	location := response.Header.Get("Location")
	id, ok := strings.CutPrefix(location, "whep/")
	if !ok || len(id) < 26 { // 5 bits each
		t.Errorf("Location %q", location)
	}
	if strings.Contains(session.viewer.ID, id) || session.viewer.ID == "" {
		t.Errorf("the log shows the resource: %q", session.viewer.ID)
	}
	if etag := response.Header.Get("ETag"); len(etag) < 20 || etag[0] != '"' {
		t.Errorf("ETag %q is not a strong one", etag)
	}
	want := []string{
		`<stun:stun.example.org>; rel="ice-server"`,
		`<turn:turn.example.org?transport=udp>; rel="ice-server"; username="u"; credential="a\"b"; credential-type="password"`,
		"<" + location + `/events>; rel="urn:ietf:params:whep:ext:core:server-sent-events"; events="active,inactive,viewercount"`,
	}
	if got := response.Header.Values("Link"); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("Link:\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if other, _ := e.begin(); other == location {
		t.Error("two sessions with one URL")
	}
}

func TestTrickleAndRestart(t *testing.T) {
	e := newEndpoint(t, script{}, nil)
	url, first := e.begin()
	e.patch(url, first, trickled)
	response, text := e.patch(url, "*", restarted)
	second := response.Header.Get("ETag")
	if second == first || second == "" {
		t.Errorf("ETag %q after %q", second, first)
	}
	if got := response.Header.Get("Content-Type"); got != typeFragment {
		t.Errorf("the answer is %s", got)
	}
	if want := "a=ice-lite\r\na=group:BUNDLE v\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:v\r\na=ice-ufrag:our1\r\na=ice-pwd:9876543210987654321098\r\n" +
		"a=candidate:1 1 udp 2130706431 192.0.2.9 1990 typ host\r\na=end-of-candidates\r\n"; text != want {
		t.Errorf("the answer is\n%s\nwant\n%s", text, want)
	}
	candidates, restarts := e.sessions.last().heard()
	if len(restarts) != 1 || restarts[0] != (credentials{"next", "abcdefghijklmnopqrstuv"}) {
		t.Errorf("restarts: %v", restarts)
	}
	if len(candidates) != 2 || *candidates[0].SDPMid != "v" || *candidates[0].SDPMLineIndex != 0 ||
		candidates[1].Candidate != "candidate:2 1 udp 2130706431 192.0.2.2 9 typ host" {
		t.Errorf("candidates: %+v", candidates)
	}
	// What belongs to the first ICE session is late.
	if response, _ := e.patch(url, first, trickled); response.StatusCode != http.StatusPreconditionFailed {
		t.Error("an old ETag: ", response.Status)
	}
	// Its credentials, for any session, are a restart again.
	if response, _ := e.patch(url, "*", trickled); response.StatusCode != http.StatusOK {
		t.Error("other credentials: ", response.Status)
	}
	// Candidates count for one ICE session.
	if response, _ := e.patch(url, "*", strings.Repeat("a=candidate:1 1 udp 1 192.0.2.1 9 typ host\n", 99)); response.StatusCode != http.StatusNoContent {
		t.Error("99 more candidates: ", response.Status)
	}
	if response, _ := e.patch(url, "*", trickled); response.StatusCode != http.StatusBadRequest {
		t.Error("101 candidates: ", response.Status)
	}
}

func TestRestartLimit(t *testing.T) {
	e := newEndpoint(t, script{}, func(_ *HandlerConfig, l *Limits) { l.Restarts, l.RestartEvery = 2, time.Hour })
	url, _ := e.begin()
	for i, want := range []int{200, 200, 429} {
		fragment := strings.Replace(restarted, "next", fmt.Sprint("next", i), 1)
		if response, text := e.patch(url, "*", fragment); response.StatusCode != want {
			t.Errorf("restart %d: %s: %s", i+1, response.Status, text)
		}
	}
	if response, _ := e.patch(url, "*", "a=end-of-candidates\n"); response.StatusCode != http.StatusNoContent {
		t.Error("after it: ", response.Status)
	}
}

// TestRestartFails: the old ICE session goes on.
func TestRestartFails(t *testing.T) {
	e := newEndpoint(t, script{restart: errors.New("no")}, nil)
	url, etag := e.begin()
	if response, _ := e.patch(url, "*", restarted); response.StatusCode != http.StatusInternalServerError {
		t.Error(response.Status)
	}
	if response, _ := e.patch(url, etag, trickled); response.StatusCode != http.StatusNoContent {
		t.Error("after it: ", response.Status)
	}
}

// TestOverlap: requests that overlap are taken one after the other.
func TestOverlap(t *testing.T) {
	e := newEndpoint(t, script{}, func(_ *HandlerConfig, l *Limits) { l.Restarts = 100 })
	url, _ := e.begin()
	var all sync.WaitGroup
	var tags sync.Map
	for i := range 20 {
		all.Go(func() {
			response, text := e.patch(url, "*", strings.Replace(restarted, "next", fmt.Sprint("next", i), 1))
			if response.StatusCode != http.StatusOK {
				t.Errorf("%s: %s", response.Status, text)
			}
			tags.Store(response.Header.Get("ETag"), true)
		})
	}
	all.Wait()
	n := 0
	tags.Range(func(any, any) bool { n++; return true })
	if n != 20 {
		t.Errorf("%d ETags of 20 ICE sessions", n)
	}
}

func TestSessionEnds(t *testing.T) {
	e := newEndpoint(t, script{}, nil)
	url, _ := e.begin()
	other, _ := e.begin()
	e.sessions.all[0].end()
	e.await("gone", func() bool {
		response, _ := e.do("GET", url, nil, "")
		return response.StatusCode == http.StatusNotFound
	})
	if response, _ := e.do("DELETE", url, nil, ""); response.StatusCode != http.StatusNotFound {
		t.Error("DELETE: ", response.Status)
	}
	if response, _ := e.do("GET", other, nil, ""); response.StatusCode != http.StatusNoContent {
		t.Error("another's session: ", response.Status)
	}
}

// TestLogin: a session ends with the login of who began it, and only with that.
func TestLogin(t *testing.T) {
	login, logout := context.WithCancel(context.Background())
	var released atomic.Int32
	e := newEndpoint(t, script{}, func(c *HandlerConfig, _ *Limits) {
		c.Login = func(r *http.Request) (context.Context, func()) {
			release := func() { released.Add(1) }
			if r.Header.Get("Authorization") != "" {
				return context.Background(), release
			}
			return login, release
		}
	})
	mine, _ := e.begin()
	response, _ := e.do("POST", Path, header("Content-Type", "application/sdp", "Authorization", "Bearer x"), offer)
	other, err := response.Location()
	if err != nil {
		t.Fatal(err)
	}
	logout()
	e.await("the session's end", func() bool { return e.sessions.left() == 1 })
	if response, _ := e.do("GET", mine, nil, ""); response.StatusCode != http.StatusNotFound {
		t.Errorf("who has logged out: %s", response.Status)
	}
	if response, _ := e.do("DELETE", other.String(), nil, ""); response.StatusCode != http.StatusOK {
		t.Errorf("another: %s", response.Status)
	}
	e.await("the release of both", func() bool { return released.Load() == 2 })
}

func TestDelete(t *testing.T) {
	e := newEndpoint(t, script{}, nil)
	url, _ := e.begin()
	if response, _ := e.do("DELETE", url, nil, ""); response.StatusCode != http.StatusOK {
		t.Fatal(response.Status)
	}
	if e.sessions.left() != 0 {
		t.Error("the session is still there")
	}
	for _, method := range []string{"GET", "DELETE"} {
		if response, _ := e.do(method, url, nil, ""); response.StatusCode != http.StatusNotFound {
			t.Errorf("%s after it: %s", method, response.Status)
		}
	}
	e.handler.running.Wait()
	if len(e.handler.resources)+len(e.handler.used) != 0 {
		t.Errorf("left: %v, %v", e.handler.resources, e.handler.used)
	}
}

// TestFailedOfferLeavesNothing: nor does an offer that its player gives up.
func TestFailedOfferLeavesNothing(t *testing.T) {
	e := newEndpoint(t, script{accept: errors.New("no")}, nil)
	e.do("POST", Path, header("Content-Type", typeSDP), offer)
	if e.sessions.left() != 0 || len(e.handler.used) != 0 {
		t.Error("a session is left")
	}

	e = newEndpoint(t, script{acceptWait: make(chan struct{})}, nil)
	ctx, cancel := context.WithCancel(t.Context())
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, e.url+Path, strings.NewReader(offer))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", typeSDP)
	asked := make(chan struct{})
	go func() {
		defer close(asked)
		if response, err := e.client.Do(request); err == nil {
			response.Body.Close()
		}
	}()
	e.await("session", func() bool { return e.sessions.left() == 1 })
	cancel()
	<-asked
	e.await("end", func() bool { return e.sessions.left() == 0 })
}

func TestAnswerTakesTooLong(t *testing.T) {
	e := newEndpoint(t, script{acceptWait: make(chan struct{})}, func(_ *HandlerConfig, l *Limits) { l.Answer = time.Millisecond })
	if response, _ := e.do("POST", Path, header("Content-Type", typeSDP), offer); response.StatusCode != http.StatusInternalServerError {
		t.Error(response.Status)
	}
}

func TestSlowBody(t *testing.T) {
	e := newEndpoint(t, script{}, func(_ *HandlerConfig, l *Limits) { l.Body = 10 * time.Millisecond })
	conn, err := net.Dial("tcp", strings.TrimPrefix(e.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprintf(conn, "POST /whep HTTP/1.1\r\nHost: x\r\nContent-Type: application/sdp\r\nContent-Length: 1000\r\n\r\nv=0\r\n")
	answer := make([]byte, 12)
	if _, err := conn.Read(answer); err != nil || string(answer) != "HTTP/1.1 408" {
		t.Errorf("%q, %v", answer, err)
	}
}

// TestSessionsOfAnAddress: one address has not all places, and the others do not
// notice. Neighbours in an IPv6 network are one.
func TestSessionsOfAnAddress(t *testing.T) {
	limits := DefaultLimits()
	limits.Sessions = 2
	sessions := &fakeSessions{}
	h := NewHandler(sessions, HandlerConfig{States: newEndpoint(t, script{}, nil).states, Limits: &limits})
	post := func(address string) int {
		r := httptest.NewRequest(http.MethodPost, Path, strings.NewReader(offer))
		r.Header.Set("Content-Type", typeSDP)
		w := httptest.NewRecorder()
		from(address, h).ServeHTTP(w, r)
		if w.Code == http.StatusTooManyRequests && w.Header().Get("Retry-After") == "" {
			t.Error("no Retry-After")
		}
		return w.Code
	}
	for _, c := range []struct {
		address string
		want    int
	}{
		{"192.0.2.1", 201},
		{"192.0.2.1", 201},
		{"192.0.2.1", 429},
		{"::ffff:192.0.2.1", 429},
		{"192.0.2.2", 201},
		{"2001:db8::1", 201},
		{"2001:db8::2", 201},
		{"2001:db8::3", 429},
		{"2001:db8:0:1::1", 201},
		{"127.0.0.1", 201},
		{"127.0.0.1", 201},
		{"127.0.0.1", 201},
	} {
		if got := post(c.address); got != c.want {
			t.Errorf("%s: %d, want %d", c.address, got, c.want)
		}
	}
	sessions.all[0].end()
	deadline := time.After(20 * time.Second)
	for post("192.0.2.1") != 201 {
		select {
		case <-deadline:
			t.Fatal("the place of a session that ended is not free")
		default:
		}
	}
	if err := h.Close(); err != nil {
		t.Error(err)
	}
}

func TestClose(t *testing.T) {
	hanging := make(chan struct{})
	e := newEndpoint(t, script{closeWait: hanging}, func(_ *HandlerConfig, l *Limits) { l.Close = time.Millisecond })
	e.begin()
	if err := e.handler.Close(); err == nil {
		t.Error("a session that does not end is no error")
	}
	close(hanging)
	e.handler.limits.Close = 20 * time.Second
	if err := e.handler.Close(); err != nil {
		t.Error(err)
	}
	if response, _ := e.do("POST", Path, header("Content-Type", typeSDP), offer); response.StatusCode != http.StatusServiceUnavailable {
		t.Error("a session after Close: ", response.Status)
	}
}

// TestBehindAGate: whatever a gate refuses has no effect. Nothing goes another
// way.
func TestBehindAGate(t *testing.T) {
	e := newEndpoint(t, script{}, nil)
	url, etag := e.begin()
	gate := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer token" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		e.handler.ServeHTTP(w, r)
	}))
	defer gate.Close()
	behind := strings.Replace(url, e.url, gate.URL, 1)
	for _, c := range []struct{ method, url, contentType, body string }{
		{"POST", gate.URL + Path, typeSDP, offer},
		{"PATCH", behind, typeFragment, trickled},
		{"PATCH", behind, typeFragment, restarted},
		{"POST", behind + "/events", typeJSON, "[]"},
		{"DELETE", behind, "", ""},
	} {
		if response, _ := e.do(c.method, c.url, header("Content-Type", c.contentType, "If-Match", etag), c.body); response.StatusCode != http.StatusUnauthorized {
			t.Errorf("%s %s: %s", c.method, c.url, response.Status)
		}
	}
	candidates, restarts := e.sessions.last().heard()
	if len(e.sessions.all) != 1 || e.sessions.left() != 1 || len(candidates)+len(restarts) != 0 {
		t.Error("what was refused had an effect")
	}
	if response, _ := e.do("DELETE", behind, header("Authorization", "Bearer token"), ""); response.StatusCode != http.StatusOK {
		t.Error(response.Status)
	}
}
