package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"mime/multipart"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

// bruteForce: some guesses, by whatever way, and the address has to wait, with
// the right password too. Others need not.
func bruteForce(t *testing.T, s *target) {
	from := s.stranger()
	guesses := []func() *http.Response{
		func() *http.Response { return s.post(t, from, "sesame", "") },
		func() *http.Response {
			return s.ask(t, "GET", "/snapshot", "", http.Header{"X-Forwarded-For": {from}, "Authorization": {"Bearer recorder.sesame"}})
		},
		func() *http.Response {
			return s.ask(t, "GET", "/ws", "", http.Header{"X-Forwarded-For": {from}, "Connection": {"Upgrade"}, "Upgrade": {"websocket"}, "Authorization": {"Bearer operator.sesame"}})
		},
		func() *http.Response {
			return s.ask(t, "GET", "/api/v1/state", "", http.Header{"X-Forwarded-For": {from}, "Authorization": {"Basic c2VzYW1lOnNlc2FtZQ=="}})
		},
	}
	for i, guess := range guesses {
		if res := guess(); res.StatusCode != http.StatusUnauthorized {
			t.Errorf("guess %d: %s", i+1, res.Status)
		}
	}
	for i, password := range []string{"sesame", "sesame-viewer"} {
		if res := s.post(t, from, password, ""); res.StatusCode != http.StatusTooManyRequests || res.Header.Get("Retry-After") == "" || len(res.Cookies()) > 0 {
			t.Errorf("guess %d: %s, %v", len(guesses)+i+1, res.Status, res.Header)
		}
	}
	s.enter(t, "sesame-viewer", "")
}

// guessers are as many as may wait for a hash: with them there is always one who
// guesses.
const guessers = 16

// guess begins to guess. The function that it returns ends that, and tells how
// many guesses were looked at.
func guess(t testing.TB, url string) (stop func() int64) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	transport := &http.Transport{MaxIdleConnsPerHost: guessers}
	client := &http.Client{Transport: transport}
	var all sync.WaitGroup
	var looked atomic.Int64
	for range guessers {
		all.Go(func() {
			for ctx.Err() == nil {
				r, err := http.NewRequestWithContext(ctx, http.MethodPost, url+"/login", strings.NewReader("password="+rand.Text()))
				if err != nil {
					t.Error(err)
					return
				}
				var at [2]byte
				_, _ = rand.Read(at[:])
				r.Header.Set("X-Forwarded-For", fmt.Sprintf("198.51.%d.%d", at[0], at[1]))
				r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
				res, err := client.Do(r)
				if err != nil {
					continue // the end
				}
				_ = res.Body.Close()
				if res.StatusCode == http.StatusUnauthorized {
					looked.Add(1)
				}
			}
		})
	}
	return func() int64 {
		cancel()
		all.Wait()
		transport.CloseIdleConnections()
		return looked.Load()
	}
}

// distributedBruteForce: while ever new addresses guess, who watches goes on to,
// who has been let in before joins, and who has not comes in at home.
func distributedBruteForce(t *testing.T, s *target) {
	stop, stopMore := guess(t, s.locked.url), guess(t, s.locked.url) // more than may wait
	s.watcher.drain()
	s.watcher.see(t, 30)
	s.wantJoin(t)
	res := s.ask(t, "GET", "/snapshot", "", http.Header{"X-Forwarded-For": {"192.168.7.7"}, "Authorization": {"Bearer newcomer.sesame-new"}})
	if res.StatusCode != http.StatusOK {
		t.Errorf("who has not been here yet, at home: %s", res.Status)
	}
	if looked := stop() + stopMore(); looked == 0 {
		t.Error("nobody's guess was looked at")
	}
}

// wantJoin holds that one more viewer sees pictures.
func (s *target) wantJoin(t *testing.T) {
	t.Helper()
	const pictures = 10
	report, code, complaint := watchOnce(t, s.login(), fmt.Sprintf("--pictures=%d", pictures))
	if code != exitOK || report.Pictures < pictures {
		t.Errorf("one more viewer: exit code %d, %s: %d pictures", code, complaint, report.Pictures)
	}
}

// sessionFixation: an id that somebody has put into a browser is not one that is
// logged in, before the login or after; nor is the one of an earlier login.
func sessionFixation(t *testing.T, s *target) {
	name, _, _ := strings.Cut(s.session, "=")
	sees := func(cookie string) bool {
		return s.ask(t, "GET", "/snapshot", "", http.Header{"X-Forwarded-For": {s.stranger()}, "Cookie": {cookie}}).StatusCode == http.StatusOK
	}
	planted := name + "=planted"
	first := s.enter(t, "sesame-viewer", planted)
	if first == planted || sees(planted) {
		t.Error("a planted session is logged in")
	}
	second := s.enter(t, "sesame-viewer", first)
	if sees(first) || !sees(second) {
		t.Error("the session of before is that of after")
	}
}

// oversizedMessage: it ends the connection of who sends it.
func oversizedMessage(t *testing.T, s *target) {
	conn, res, err := websocket.DefaultDialer.DialContext(t.Context(), strings.Replace(s.locked.url, "http", "ws", 1)+"/ws",
		http.Header{"Cookie": {s.session}})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	defer res.Body.Close()
	if err := conn.WriteMessage(websocket.TextMessage, make([]byte, 4<<20)); err != nil && !strings.Contains(err.Error(), "reset") && !strings.Contains(err.Error(), "broken") {
		t.Error(err)
	}
	_ = conn.SetReadDeadline(time.Now().Add(20 * time.Second))
	for err == nil {
		_, _, err = conn.ReadMessage()
	}
	if timeout, ok := err.(net.Error); ok && timeout.Timeout() { //nolint:errorlint // it is what net.Conn returned
		t.Error("it goes on")
	}
}

// connect opens n connections to locked, which end with the test.
func (s *target) connect(t *testing.T, n int, begin string) (all []net.Conn) {
	t.Helper()
	host := strings.TrimPrefix(s.locked.url, "http://")
	begin = strings.NewReplacer("|", "\r\n", "{host}", host, "{token}", "Authorization: Bearer recorder.sesame-token").Replace(begin)
	for range n {
		conn, err := net.Dial("tcp", host)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = conn.Close() })
		_, _ = io.WriteString(conn, begin) // may be closed already
		all = append(all, conn)
	}
	return all
}

// wantClosed waits until the server has closed them.
func wantClosed(t *testing.T, conns []net.Conn) {
	t.Helper()
	for _, conn := range conns {
		_ = conn.SetReadDeadline(time.Now().Add(30 * time.Second))
		if _, err := io.Copy(io.Discard, conn); err != nil {
			if timeout, ok := err.(net.Error); ok && timeout.Timeout() { //nolint:errorlint // it is what net.Conn returned
				t.Fatal("still open after 30 s")
			}
		}
	}
}

// slowRequests: half of something, and then a byte now and then.
func slowRequests(t *testing.T, s *target) {
	var slow []net.Conn
	for _, begin := range []string{
		"GET /snapshot HTTP/1.1|Host: {host}|{token}|X: ",
		"POST /login HTTP/1.1|Host: {host}|" + form + "|Content-Length: 100000||password=",
		"POST /whep HTTP/1.1|Host: {host}|{token}|Content-Type: application/sdp|Content-Length: 10000||v=0",
		"PATCH /api/v1/controls HTTP/1.1|Host: {host}|{token}|Content-Length: 10000||{",
	} {
		slow = append(slow, s.connect(t, 20, begin)...)
	}
	ended := make(chan struct{})
	var all sync.WaitGroup
	all.Go(func() {
		each := time.NewTicker(200 * time.Millisecond)
		defer each.Stop()
		for {
			select {
			case <-each.C:
			case <-ended:
				return
			}
			for _, conn := range slow {
				_, _ = io.WriteString(conn, "x") // may be closed already
			}
		}
	})
	s.wantJoin(t)
	wantClosed(t, slow)
	close(ended)
	all.Wait()
}

// halfOpenConnections: a thousand that say nothing, or half of a request.
func halfOpenConnections(t *testing.T, s *target) {
	open := append(s.connect(t, 500, ""), s.connect(t, 500, "GET /snapshot HTTP/1.1|Host: ")...)
	s.wantJoin(t)
	wantClosed(t, open)
}

// neverReads: some who may look, and read nothing of it. Others get all
// pictures, and the idle ones are cut off.
func neverReads(t *testing.T, s *target) {
	const idle = 20
	for _, conn := range s.connect(t, idle, "GET /stream?quality=100 HTTP/1.1|Host: {host}|{token}||") {
		_ = conn.(*net.TCPConn).SetReadBuffer(4 << 10) // it matters only how soon it is full
	}
	for s.viewers(t) < idle {
		s.watcher.see(t, 1)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, s.locked.url+"/stream?quality=100", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer recorder.sesame-token")
	res, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	parts := multipart.NewReader(res.Body, "pushcam-picture")
	for range 10 {
		part, err := parts.NextRawPart()
		if err != nil {
			t.Fatal(err)
		}
		if n, err := io.Copy(io.Discard, part); err != nil || n == 0 {
			t.Fatal(n, err)
		}
	}
	s.wantJoin(t)
	for s.viewers(t) >= idle {
		s.watcher.see(t, 1)
		part, err := parts.NextRawPart()
		if err == nil {
			_, err = io.Copy(io.Discard, part)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}
