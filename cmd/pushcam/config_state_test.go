package main

import (
	"path/filepath"
	"runtime"
	"testing"
)

func TestStateFolder(t *testing.T) {
	relative, err := filepath.Abs("here")
	if err != nil {
		t.Fatal(err)
	}
	home := []string{"HOME=/home/me"}
	for _, c := range []struct {
		name      string
		args, env []string
		want      string
	}{
		{"home", nil, home, usual(t, "/home/me")},
		{"XDG", nil, append(home, "XDG_STATE_HOME=/xdg"), "/xdg/pushcam"},
		{"XDG's that is relative does not count", nil, append(home, "XDG_STATE_HOME=xdg"), usual(t, "/home/me")},
		{"systemd", nil, append(home, "XDG_STATE_HOME=/xdg", "STATE_DIRECTORY=/var/lib/pushcam"), "/var/lib/pushcam"},
		{"systemd, the first of two", nil, append(home, "STATE_DIRECTORY=/var/lib/pushcam:/var/lib/other"), "/var/lib/pushcam"},
		{"variable", nil, append(home, "STATE_DIRECTORY=/var/lib/pushcam", "PUSHCAM_STATE_DIR=/var/me"), "/var/me"},
		{"flag", []string{"--state-dir=/srv/me"}, append(home, "PUSHCAM_STATE_DIR=/var/me"), "/srv/me"},
		{"relative flag", []string{"--state-dir=here"}, nil, relative},
		{"nowhere", nil, nil, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := mustParse[*serveConfig](t, c.args, c.env).StateDir; string(got) != c.want {
				t.Errorf("serve: %q, want %q", got, c.want)
			}
			if got := mustParse[*setConfig](t, append([]string{"set", "a=1"}, c.args...), c.env).StateDir; string(got) != c.want {
				t.Errorf("set: %q, want %q", got, c.want)
			}
			if got := mustParse[*devicesConfig](t, append([]string{"devices"}, c.args...), c.env).StateDir; string(got) != c.want {
				t.Errorf("devices: %q, want %q", got, c.want)
			}
		})
	}
	if got := defaultStateFolder(home, "darwin"); got != "/home/me/Library/Application Support/pushcam" {
		t.Errorf("macOS: %q", got)
	}
	if got := defaultStateFolder(home, "linux"); got != "/home/me/.local/state/pushcam" {
		t.Errorf("Linux: %q", got)
	}
}

// usual is the place in a home folder on the system that runs the test.
func usual(t *testing.T, home string) string {
	t.Helper()
	return filepath.Join(home, usualState(runtime.GOOS), "pushcam")
}
