package main

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestWatchLogsIn: by a token or a password, by WebSocket and WHEP, and over a
// certificate that only its fingerprint makes known.
func TestWatchLogsIn(t *testing.T) {
	args := slices.Concat(small, []string{"--viewer-password=" + testHash, "--token=recorder:viewer:" + testHash})
	secured := startServe(t, slices.Concat(args, []string{"--tls=auto", "--state-dir=" + t.TempDir()})...)
	plain := startServe(t, args...)
	_, printed, _ := strings.Cut(secured.greeting, "fingerprint is")
	printed = strings.Fields(printed)[0]
	file := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(file, []byte("recorder.look\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	at := func(s *serving, login, path string) string {
		return strings.Replace(s.url, "://", "://"+login, 1) + path
	}
	for _, c := range []struct {
		name string
		url  string
		args []string
		want string // in the complaint; "" for a picture
	}{
		{"token", at(plain, "", ""), []string{"--token=recorder.look"}, ""},
		{"token of a file", at(plain, "", ""), []string{"--token=@" + file}, ""},
		{"token, WHEP", at(plain, "", "/whep"), []string{"--token=recorder.look"}, ""},
		{"password", at(plain, "viewer:look@", ""), nil, ""},
		{"password, WHEP", at(plain, "viewer:look@", "/whep"), nil, ""},
		{"nothing", at(plain, "", ""), nil, "401 Unauthorized: pushcam has to know who you are"},
		{"wrong password", at(plain, "viewer:hunter2@", ""), nil, "wrong name or password"},
		{"wrong password, WHEP", at(plain, "viewer:hunter2@", "/whep"), nil, "wrong name or password"},
		{"fingerprint", at(secured, "viewer:look@", ""), []string{"--fingerprint=" + printed}, ""},
		{"fingerprint, WHEP", at(secured, "viewer:look@", "/whep"), []string{"--fingerprint=" + printed}, ""},
		{"fingerprint and token, WHEP", at(secured, "", "/whep"), []string{"--fingerprint=" + printed, "--token=recorder.look"}, ""},
		{"another fingerprint", at(secured, "viewer:look@", ""), []string{"--fingerprint=" + strings.Repeat("AB:", 31) + "AB"}, printed},
		{"another fingerprint, WHEP", at(secured, "viewer:look@", "/whep"), []string{"--fingerprint=" + strings.Repeat("AB", 32)}, printed},
		{"no fingerprint", at(secured, "viewer:look@", ""), nil, "--fingerprint trusts one that pushcam has made"},
		{"plain where TLS is", strings.Replace(at(secured, "viewer:hunter2@", ""), "https", "http", 1), nil, "see https://"},
	} {
		t.Run(c.name, func(t *testing.T) {
			report, code, complaint := watchOnce(t, c.url, append(c.args, "--pictures=1")...)
			if c.want == "" && (code != exitOK || report.Pictures == 0) || !strings.Contains(complaint, c.want) {
				t.Errorf("exit code %d, %q: want %q", code, complaint, c.want)
			}
			for _, secret := range []string{"look", "hunter2"} {
				if strings.Contains(complaint, secret) {
					t.Errorf("tells the secret: %s", complaint)
				}
			}
		})
	}
}

// TestLoginStaysAtItsServer: what a server leads to does not get the token.
func TestLoginStaysAtItsServer(t *testing.T) {
	got := map[string]string{}
	record := func(name string, next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			got[name] = r.Header.Get("Authorization")
			next.ServeHTTP(w, r)
		})
	}
	other := httptest.NewServer(record("other", http.NotFoundHandler()))
	defer other.Close()
	own := httptest.NewServer(record("own", http.RedirectHandler(other.URL, http.StatusTemporaryRedirect)))
	defer own.Close()
	client := access{authorization: "Bearer recorder.look"}.client(own.URL)
	defer client.CloseIdleConnections()
	res, err := client.Get(own.URL + "/whep")
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	if got["own"] != "Bearer recorder.look" || got["other"] != "" || len(got) != 2 {
		t.Errorf("sent: %v", got)
	}
}

// TestWrongAccess: what is said of a mistake has no secret in it.
func TestWrongAccess(t *testing.T) {
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"watch", "ftp://viewer:hunter2@pi.local"}, "begins with http"},
		{[]string{"watch", "http://viewer:hunter2@"}, "want a URL"},
		{[]string{"watch", "http://viewer:hunter2@pi.local", "--token=a.b"}, "want one of them"},
		{[]string{"watch", "pi.local", "--token=hunter2 x"}, "want a token"},
		{[]string{"watch", "pi.local", "--token=@/no/such/file"}, "no such file"},
		{[]string{"watch", "pi.local", "--fingerprint=AB:CD"}, "want the SHA-256"},
	} {
		t.Run(c.args[1], func(t *testing.T) {
			if text := wantUsageError(t, c.args, nil, c.want); strings.Contains(text, "hunter2") {
				t.Errorf("tells the secret: %s", text)
			}
		})
	}
}
