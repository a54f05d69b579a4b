package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/bcrypt"

	"github.com/pushcam/pushcam/web/api"
)

// target is what is attacked. All its secrets have "sesame" in them, but the
// session.
type target struct {
	locked, open *serving
	watcher      *player // of locked, by its password
	session      string  // cookie of another viewer of it, NAME=ID
	strangers    int     // addresses in use
}

func newTarget(t *testing.T) *target {
	t.Helper()
	hash := func(secret string) string {
		text, err := bcrypt.GenerateFromPassword([]byte(secret), bcrypt.MinCost)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	s := &target{
		// Each attack has an address of its own, so that none has to wait for what
		// another did.
		locked: startServe(t, append(small, "--log-level=debug", "--trusted-proxy=127.0.0.1", "--password="+hash("sesame-operator"),
			"--viewer-password="+hash("sesame-viewer"), "--token=recorder:viewer:"+hash("sesame-token"), "--token=newcomer:viewer:"+hash("sesame-new"))...),
		open: startServe(t, append(small, "--log-level=debug")...),
	}
	s.watcher = newPlayer(t, s.login()+"/whep")
	s.watcher.see(t, 1)
	s.session = s.enter(t, "sesame-viewer", "")
	return s
}

// login is the URL of who has the viewers' password.
func (s *target) login() string {
	return strings.Replace(s.locked.url, "://", "://viewer:sesame-viewer@", 1)
}

// stranger is an address that nobody else has.
func (s *target) stranger() string {
	s.strangers++
	return fmt.Sprintf("203.0.113.%d", s.strangers)
}

// enter logs in by the form and returns the cookie.
func (s *target) enter(t *testing.T, password, cookie string) string {
	t.Helper()
	res := s.post(t, s.stranger(), password, cookie)
	cookies := res.Cookies()
	if res.StatusCode != http.StatusSeeOther || len(cookies) != 1 || !cookies[0].HttpOnly || cookies[0].SameSite != http.SameSiteStrictMode {
		t.Fatalf("login: %s, %v", res.Status, cookies)
	}
	return cookies[0].Name + "=" + cookies[0].Value
}

// post sends the login form.
func (s *target) post(t *testing.T, from, password, cookie string) *http.Response {
	t.Helper()
	return s.ask(t, http.MethodPost, "/login", "password="+url.QueryEscape(password), http.Header{
		"X-Forwarded-For": {from}, "Cookie": {cookie}, "Content-Type": {"application/x-www-form-urlencoded"},
	})
}

// ask sends a request to locked, and reads the answer as far as it has an end.
func (s *target) ask(t *testing.T, method, path, body string, header http.Header) *http.Response {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, s.locked.url+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header = header
	res, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	text, _ := io.ReadAll(io.LimitReader(res.Body, 1<<20))
	_ = res.Body.Close()
	res.Body = io.NopCloser(bytes.NewReader(text))
	return res
}

// viewers is how many there are.
func (s *target) viewers(t *testing.T) int {
	t.Helper()
	var state api.State
	res := s.ask(t, http.MethodGet, "/api/v1/state", "", http.Header{"Authorization": {"Bearer recorder.sesame-token"}})
	if err := json.NewDecoder(res.Body).Decode(&state); err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("state: %s, %v", res.Status, err)
	}
	return state.Viewers
}

// attack sends a row's request, and looks at its answer.
func (s *target) attack(t *testing.T, a attack) {
	t.Helper()
	host := strings.TrimPrefix(s.locked.url, "http://")
	request := a.request
	if a.open {
		host = strings.TrimPrefix(s.open.url, "http://")
	} else {
		request = strings.Replace(request, "|", "|X-Forwarded-For: "+s.stranger()+"|", 1)
	}
	resource, err := url.Parse(s.watcher.client.URL())
	if err != nil {
		t.Fatal(err)
	}
	cookie, _, _ := strings.Cut(s.session, "=")
	text := strings.NewReplacer(
		"|", "\r\n", "{host}", host, "{session}", "Cookie: "+s.session, "{cookie}", cookie, "{resource}", resource.Path,
		"{token}", "Authorization: Bearer recorder.sesame-token", "{operator}", "Authorization: Bearer operator.sesame-operator",
	).Replace(request)
	if !strings.Contains(text, "\r\n\r\n") {
		text += "\r\n\r\n"
	}
	conn, err := net.Dial("tcp", host)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(20 * time.Second))
	go func() { _, _ = io.WriteString(conn, text) }() // ends with the connection
	answer := readAnswer(t, conn)
	if want := fmt.Sprintf("HTTP/1.1 %d ", a.status); !strings.HasPrefix(answer, strings.Replace(want, "1.1", answer[5:8], 1)) {
		t.Errorf("want %sgot:\n%.300s", want, answer)
	}
	for _, secret := range []string{a.not, "image/jpeg", "x-mixed-replace", "m=video", "v=0", "sesame", s.session[len(cookie)+1:]} {
		if secret != "" && strings.Contains(answer, secret) {
			t.Errorf("%q is in the answer:\n%.1000s", secret, answer)
		}
	}
	if n := s.viewers(t); n != 1 {
		t.Errorf("%d viewers, want the watcher alone", n)
	}
}

// readAnswer is an answer as it came, as far as somebody would read it.
func readAnswer(t *testing.T, conn net.Conn) string {
	t.Helper()
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	res.Body = struct {
		io.Reader
		io.Closer
	}{io.LimitReader(res.Body, 64<<10), res.Body}
	res.ContentLength, res.TransferEncoding = -1, nil
	var answer bytes.Buffer
	if err := res.Write(&answer); err != nil {
		t.Fatal(err)
	}
	return answer.String()
}

// wantUnharmed ends both: whoever was there before the attacks still is, nobody
// else came, nobody opened the camera at which nobody looks, and the logs have
// no secret in them.
func (s *target) wantUnharmed(t *testing.T) {
	t.Helper()
	s.watcher.drain()
	s.watcher.see(t, 10)
	if n := s.viewers(t); n != 1 {
		t.Errorf("%d viewers, want the watcher alone", n)
	}
	if res := s.ask(t, http.MethodGet, "/snapshot", "", http.Header{"Cookie": {s.session}}); res.StatusCode != http.StatusOK {
		t.Errorf("who had logged in before: %s", res.Status)
	}
	if stats := getJSON[api.Statistics](t, s.open.url+"/api/v1/statistics"); stats.Frames > 0 {
		t.Errorf("the camera was opened: %+v", stats)
	}
	s.locked.stop()
	s.open.stop()
	_, id, _ := strings.Cut(s.session, "=")
	log := s.locked.logged.String() + s.open.logged.String()
	for _, secret := range []string{"sesame", "c2VzYW1l", id, s.watcher.client.URL()} {
		if strings.Contains(log, secret) {
			t.Errorf("%q is in the log:\n%s", secret, log)
		}
	}
	if !strings.Contains(log, "viewer connected") {
		t.Errorf("this is not the log:\n%s", log)
	}
}
