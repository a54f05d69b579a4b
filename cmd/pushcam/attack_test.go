package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/pushcam/pushcam/signal/ws"
)

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
				r.Header.Set("X-Forwarded-For", fmt.Sprintf("203.0.%d.%d", at[0], at[1]))
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

// TestViewersUnderAttack: who has logged in once joins and sees pictures, while
// others guess passwords, and open connections and say nothing, or half of
// something.
func TestViewersUnderAttack(t *testing.T) {
	s := startServe(t, append(small, "--trusted-proxy=127.0.0.1", "--viewer-password="+testHash)...)
	watch := strings.Replace(s.url, "://", "://viewer:look@", 1)
	if _, code, complaint := watchOnce(t, watch, "--pictures=1"); code != exitOK {
		t.Fatalf("before: exit code %d, %s", code, complaint)
	}
	address := strings.TrimPrefix(s.url, "http://")
	stop := guess(t, s.url)
	for _, begin := range []string{
		"", "GET /snapshot HTTP/1.1\r\nHost: ", "GET /snapshot HTTP/1.1\r\nHost: localhost\r\n\r\n",
		"POST /login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 1000\r\n\r\npass",
		"GET /stream HTTP/1.1\r\nHost: localhost\r\nAuthorization: Basic dmlld2VyOmxvb2s=\r\n\r\n", // and never reads
		"GET /ws HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
	} {
		for range 50 {
			conn, err := net.Dial("tcp", address)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = conn.Close() })
			_, _ = io.WriteString(conn, begin) // may be closed already
		}
	}
	const pictures = 30
	report, code, complaint := watchOnce(t, watch, fmt.Sprintf("--pictures=%d", pictures))
	if code != exitOK || report.Pictures < pictures {
		t.Errorf("exit code %d, %s: %d pictures", code, complaint, report.Pictures)
	}
	if looked := stop(); looked == 0 {
		t.Error("nobody's guess was looked at")
	}
}

// TestSecretsAreNotLogged: wherever a client puts one, also where it does not
// belong.
func TestSecretsAreNotLogged(t *testing.T) {
	s := startServe(t, append(small, "--log-level=debug", "--viewer-password="+testHash, "--token=recorder:viewer:"+testHash)...)
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport}
	socket, err := ws.Dial(t.Context(), strings.Replace(s.url, "http", "ws", 1)+"/ws?token=hunter2",
		&ws.DialOptions{Header: http.Header{"Authorization": {"Bearer recorder.look"}}})
	if err != nil {
		t.Fatal(err)
	}
	_ = socket.Close()
	for _, c := range []struct{ method, path, authorization, body string }{
		{"GET", "/?token=hunter2", "", ""},
		{"GET", "/hunter2", "", ""},
		{"GET", "/snapshot?access_token=recorder.hunter2", "Bearer recorder.hunter2", ""},
		{"GET", "/snapshot?password=hunter2", "Basic cmVjb3JkZXI6aHVudGVyMg==", ""},
		{"GET", "/snapshot", "Basic aHVudGVyMjpodW50ZXIy", ""}, // as the name, too
		{"POST", "/whep?token=hunter2", "Bearer recorder.look", "v=0"},
		{"DELETE", "/whep/hunter2", "Bearer recorder.look", ""},
		{"POST", "/login?password=hunter2", "", "password=hunter2"},
	} {
		r, err := http.NewRequestWithContext(t.Context(), c.method, s.url+c.path, strings.NewReader(c.body))
		if err != nil {
			t.Fatal(err)
		}
		if c.body != "" {
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		}
		if c.authorization != "" {
			r.Header.Set("Authorization", c.authorization)
		}
		r.Header.Set("Cookie", "pushcam=hunter2")
		r.Header.Set("Referer", s.url+"/?password=hunter2")
		res, err := client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
	}
	s.stop()
	log := s.logged.String()
	for _, secret := range []string{"hunter2", "recorder.look", "aHVudGVyMj"} {
		if strings.Contains(log, secret) {
			t.Errorf("%q is in the log:\n%s", secret, log)
		}
	}
	if !strings.Contains(log, "login failed") || !strings.Contains(log, "signaling connection ended") {
		t.Errorf("this is not the log:\n%s", log)
	}
}
