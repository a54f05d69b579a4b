package main

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/pushcam/pushcam/signal/ws"
)

// nginxConfig has what the README tells to write, with a port and a pushcam.
const nginxConfig = `
daemon off;
worker_processes 1;
pid %[1]s/nginx.pid;
error_log stderr;
events {}
http {
	access_log off;
	client_body_temp_path %[1]s/body;
	proxy_temp_path %[1]s/proxy;
	fastcgi_temp_path %[1]s/fastcgi;
	uwsgi_temp_path %[1]s/uwsgi;
	scgi_temp_path %[1]s/scgi;
	map $http_upgrade $connection_upgrade { default upgrade; "" close; }
	server {
		listen %[2]s;
		%[3]s
	}
}
`

// startNginx runs nginx in front of a pushcam until the test ends, and returns
// its address.
func startNginx(t *testing.T, backend string) string {
	t.Helper()
	readme, err := os.ReadFile(filepath.Join(repositoryRoot, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, location, ok := strings.Cut(string(readme), "    location /cam/ {\n")
	location, _, closed := strings.Cut(location, "\n    }\n")
	if !ok || !closed {
		t.Fatal("README.md has no location for nginx")
	}
	location = strings.Replace("location /cam/ {\n"+location+"\n}", "http://127.0.0.1:1990", backend, 1)

	// nginx takes over listeners from the nginx before it: this one.
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	file, err := listener.(*net.TCPListener).File()
	if err != nil {
		t.Fatal(err)
	}
	folder, address := t.TempDir(), listener.Addr().String()
	conf := writeFile(t, fmt.Sprintf(nginxConfig, folder, address, location))
	// Debian's, which make deps-test installs.
	nginx := exec.CommandContext(t.Context(), "/usr/sbin/nginx", "-p", folder, "-c", conf)
	nginx.Cancel = func() error { return nginx.Process.Signal(syscall.SIGTERM) } // its worker ends with it
	nginx.ExtraFiles = []*os.File{file}
	nginx.Env = append(os.Environ(), "NGINX=3;")
	var complaints bytes.Buffer
	nginx.Stderr = &complaints
	if err := nginx.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = nginx.Cancel()
		_ = nginx.Wait() // the test may have ended it
		if t.Failed() {
			t.Logf("nginx: %s", &complaints)
		}
	})
	_, _ = file.Close(), listener.Close() // nginx has its own
	return address
}

// TestNginx: below a path of the real nginx, configured as the README says,
// people log in, the picture's signaling gets through, and everybody is who they
// are.
func TestNginx(t *testing.T) {
	s := startServe(t, append(small, "--viewer-password="+testHash, "--trusted-proxy=127.0.0.1")...)
	address := startNginx(t, s.url)
	base := "http://" + address + "/cam/"
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport, Jar: jar}
	ask := func(method, path, from, form string) (int, string) {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), method, base+path, strings.NewReader(form))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Accept", "text/html")
		r.Header.Set("X-Forwarded-For", from)
		if form != "" {
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		}
		res, err := client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		text, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		return res.StatusCode, string(text)
	}
	if status, text := ask("GET", "", "203.0.113.1", ""); status != http.StatusUnauthorized || !strings.Contains(text, `action="./login"`) {
		t.Fatalf("before the login: %d %s", status, text)
	}
	guess := 0
	for range 5 {
		guess, _ = ask("POST", "login", "203.0.113.9", "password=guess")
	}
	if guess != http.StatusTooManyRequests {
		t.Errorf("who guesses: %d", guess)
	}
	if status, text := ask("POST", "login", "203.0.113.1", "password=look"); status != http.StatusOK || !strings.Contains(text, "<video") {
		t.Fatalf("the login of another: %d %s", status, text)
	}
	if status, _ := ask("GET", "snapshot", "203.0.113.1", ""); status != http.StatusOK {
		t.Errorf("snapshot: %d", status)
	}
	page, err := url.Parse(base)
	if err != nil {
		t.Fatal(err)
	}
	cookies := jar.Cookies(page)
	if beside := jar.Cookies(page.JoinPath("..")); len(cookies) != 1 || len(beside) != 0 {
		t.Fatalf("cookies %v, beside %v", cookies, beside)
	}
	dial := "ws" + strings.TrimPrefix(base, "http") + "ws"
	if _, err := ws.Dial(t.Context(), dial, nil); err == nil {
		t.Error("a WebSocket without a login")
	}
	socket, err := ws.Dial(t.Context(), dial, &ws.DialOptions{Header: http.Header{"Cookie": {cookies[0].String()}, "Origin": {"http://" + address}}})
	if err != nil {
		t.Fatal(err)
	}
	_ = socket.Close()
}

// TestNginxUnknown: a proxy that pushcam was not told of opens nothing to those
// behind it.
func TestNginxUnknown(t *testing.T) {
	s := startServe(t, small...)
	address := startNginx(t, s.url)
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	for at, want := range map[string]int{s.url: http.StatusOK, "http://" + address + "/cam": http.StatusUnauthorized} {
		res, err := (&http.Client{Transport: transport}).Get(at + "/snapshot")
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		if res.StatusCode != want {
			t.Errorf("%s: %s, want %d", at, res.Status, want)
		}
	}
}
