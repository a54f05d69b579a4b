package main

import (
	"bytes"
	"net/http"
	"os"
	"strings"
	"testing"
)

// TestPasswd: what it prints opens the door of a pushcam serve, and nothing
// else does.
func TestPasswd(t *testing.T) {
	var token, secret bytes.Buffer
	if code := run(t.Context(), []string{"passwd", "--token", "recorder"}, nil, &token, &secret); code != exitOK {
		t.Fatalf("exit code %d, %s", code, &secret)
	}
	_, bearer, _ := strings.Cut(secret.String(), "shown again): ")
	bearer, _, _ = strings.Cut(bearer, "\n")
	if strings.Contains(token.String(), strings.TrimPrefix(bearer, "recorder.")) {
		t.Errorf("the line for the configuration has the secret: %s", &token)
	}
	s := startServe(t, append(small, "--viewer-password="+testHash, "--token="+strings.TrimSpace(token.String()))...)
	for _, c := range []struct {
		name   string
		change func(*http.Request)
		status int
	}{
		{"nobody", func(*http.Request) {}, http.StatusUnauthorized},
		{"the program", func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+bearer) }, http.StatusOK},
		{"another program", func(r *http.Request) { r.Header.Set("Authorization", "Bearer recorder.x") }, http.StatusUnauthorized},
		{"a person", func(r *http.Request) { r.SetBasicAuth("viewer", "look") }, http.StatusOK},
		{"an operator that is not", func(r *http.Request) { r.SetBasicAuth("operator", "look") }, http.StatusUnauthorized},
	} {
		t.Run(c.name, func(t *testing.T) {
			r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.url+"/snapshot", nil)
			if err != nil {
				t.Fatal(err)
			}
			c.change(r)
			transport := &http.Transport{}
			defer transport.CloseIdleConnections()
			res, err := (&http.Client{Transport: transport}).Do(r)
			if err != nil {
				t.Fatal(err)
			}
			defer res.Body.Close()
			if res.StatusCode != c.status {
				t.Errorf("%s, want %d", res.Status, c.status)
			}
		})
	}
	// A viewer without a login sees nothing by WebSocket either.
	if _, code, complaint := watchOnce(t, s.url, "--pictures=1"); code != exitFailed || !strings.Contains(complaint, "no picture") {
		t.Errorf("watch: exit code %d, %s", code, complaint)
	}
}

// TestReadPassword: what is piped in counts up to the end of its first line.
func TestReadPassword(t *testing.T) {
	for text, want := range map[string]string{"look\n": "look", "look": "look", "look \r\nmore\n": "look ", "": "", "\n": ""} {
		in, out, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := out.WriteString(text); err != nil {
			t.Fatal(err)
		}
		_ = out.Close()
		var prompt bytes.Buffer
		got, err := askPassword(t.Context(), in, &prompt)
		_ = in.Close()
		if got != want || err != nil || prompt.Len() > 0 {
			t.Errorf("%q: %q, %v, prompt %q", text, got, err, &prompt)
		}
	}
}

func TestWrongPasswd(t *testing.T) {
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"passwd", "--token", "a.b"}, "want a name"},
		{[]string{"passwd", "--token", "viewer"}, "not operator or viewer"},
		{[]string{"passwd", "--token", "a", "--role", "nobody"}, "want viewer or operator"},
	} {
		wantUsageError(t, c.args, nil, c.want)
	}
}
