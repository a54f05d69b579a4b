package main

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"

	"github.com/pushcam/pushcam/signal/ws"
)

// TestLogoutEndsEverything that the login shows, whatever way it came; and
// nothing of another's.
func TestLogoutEndsEverything(t *testing.T) {
	s := newTarget(t)
	cookie := http.Header{"Cookie": {s.session}}
	get := func(path string) io.ReadCloser {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.locked.url+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header = cookie
		res, err := http.DefaultTransport.RoundTrip(r)
		if err != nil || res.StatusCode != http.StatusOK {
			t.Fatal(path, res, err)
		}
		t.Cleanup(func() { _ = res.Body.Close() })
		return res.Body
	}
	endpoint, err := url.Parse(s.locked.url + "/whep")
	if err != nil {
		t.Fatal(err)
	}
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	name, id, _ := strings.Cut(s.session, "=")
	jar.SetCookies(endpoint, []*http.Cookie{{Name: name, Value: id, Path: "/"}})
	p := newPlayerBy(t, endpoint.String(), &http.Client{Jar: jar})
	p.see(t, 1)
	resource := strings.TrimPrefix(p.client.URL(), s.locked.url)
	events := s.ask(t, http.MethodPost, resource+"/events", "", cookie)
	lasting := map[string]io.Reader{
		"stream": get("/stream"),
		"events": get(resource + "/" + events.Header.Get("Location")),
	}
	socket, err := ws.Dial(t.Context(), strings.Replace(s.locked.url, "http", "ws", 1), &ws.DialOptions{Header: cookie})
	if err != nil {
		t.Fatal(err)
	}
	defer socket.Close()
	if n := s.viewers(t); n != 3 { // the watcher, the player and the stream
		t.Errorf("%d viewers", n)
	}

	if res := s.ask(t, http.MethodPost, "/logout", "", cookie); res.StatusCode != http.StatusSeeOther {
		t.Fatalf("logout: %s", res.Status)
	}
	for err == nil {
		_, err = socket.Receive(t.Context())
	}
	for name, body := range lasting {
		if _, err := io.Copy(io.Discard, body); err != nil && t.Context().Err() != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for s.viewers(t) != 1 { // its end takes a moment
		s.watcher.see(t, 1)
	}
	if res := s.ask(t, http.MethodGet, resource, "", http.Header{"Authorization": {"Bearer recorder.sesame-token"}}); res.StatusCode != http.StatusNotFound {
		t.Errorf("the player's session: %s", res.Status)
	}
	s.watcher.drain()
	s.watcher.see(t, 5)
	s.locked.stop()
	if strings.Contains(s.locked.logged.String(), id) {
		t.Error("the session's id is in the log")
	}
}
