package main

import (
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// configFiles are the cases of TestConfigFile and the seeds of FuzzConfigFile.
var configFiles = []struct{ name, text, err string }{
	{"empty", "", ""},
	{"comment", "# nothing yet\n", ""},
	{"empty document", "---\n", ""},
	{"one of each", "size: 640x480\nfps: 15\nlisten: '127.0.0.1:8080'\nice-tcp-port: off\ninterface: [eth0, wlan0]\n", ""},
	{"one value for a list", "allow-host: a.example\n", ""},
	{"no values for a list", "allow-host: []\n", ""},
	{"JSON", `{"size": "640x480", "max-viewers": 5}`, ""},
	{"unknown key", "fps: 5\nsise: 1x1\n", `:2: "sise": no such setting, want one of allow-host, `},
	{"key of no setting", "config: other.yaml\n", `:1: "config": no such setting`},
	{"underscore", "media_port: 1\n", `:1: "media_port": no such setting`},
	{"twice", "fps: 5\nfps: 6\n", ":2: fps: is there twice"},
	{"no value", "fps: 5\nrelay:\n", ":2: relay: has no value"},
	{"list for one", "fps: [5]\n", ":1: fps: want one plain value"},
	{"mapping for one", "listen: {port: 5}\n", ":1: listen: want one plain value"},
	{"mapping for a list", "allow-host: {a: b}\n", ":1: allow-host: want a value or a list"},
	{"list in a list", "allow-host: [[a]]\n", ":1: allow-host: want a list of plain values"},
	{"nothing in a list", "allow-host: [~]\n", ":1: allow-host: want a list of plain values"},
	{"alias", "source: &a x\nrelay: *a\n", ":2: relay: want one plain value"},
	{"merge", "<<: {fps: 5}\n", `:1: "<<": no such setting`},
	{"list", "- fps\n", ":1: want lines like"},
	{"text", "fps = 5\n", ":1: want lines like"},
	{"not YAML", "fps: [5\n", ": not valid YAML: "},
	{"binary", "\x00\x01\xff", ": not valid YAML: "},
	{"two documents", "fps: 5\n---\nfps: 6\n", ": want one YAML document"},
}

func TestConfigFile(t *testing.T) {
	flags := serveFlags(t)
	delete(flags, "config")
	for _, c := range configFiles {
		t.Run(c.name, func(t *testing.T) {
			found, err := parseSettings("pushcam.yaml", []byte(c.text), flags)
			if err == nil {
				err = found.check(flags)
			}
			switch {
			case c.err == "" && err != nil:
				t.Errorf("%q: %v", c.text, err)
			case c.err != "" && (err == nil || !strings.HasPrefix(err.Error(), "pushcam.yaml"+c.err)):
				t.Errorf("%q: %v, want pushcam.yaml%s", c.text, err, c.err)
			}
		})
	}
}

func TestConfigFileUnreadable(t *testing.T) {
	missing := filepath.Join(t.TempDir(), "none.yaml")
	large := writeFile(t, strings.Repeat("#", maxConfigSize+1))
	for _, c := range []struct{ name, path, want string }{
		{"missing", missing, missing + ": no such file"},
		{"directory", t.TempDir(), "is a directory"},
		{"too large", large, "larger than a configuration can be"},
		{"endless", "/dev/zero", "larger than a configuration can be"},
	} {
		t.Run(c.name, func(t *testing.T) {
			wantUsageError(t, []string{"--config", c.path}, nil, "--config: "+c.path, c.want)
			wantUsageError(t, nil, []string{"PUSHCAM_CONFIG=" + c.path}, "PUSHCAM_CONFIG: "+c.path, c.want)
		})
	}
}

// FuzzConfigFile holds that no file makes the program panic, that an error is
// one line beginning with the path, and that what is read is a known flag's.
func FuzzConfigFile(f *testing.F) {
	for _, c := range configFiles {
		f.Add([]byte(c.text))
	}
	flags := serveFlags(f)
	delete(flags, "config")
	f.Fuzz(func(t *testing.T, text []byte) {
		found, err := parseSettings("pushcam.yaml", text, flags)
		if err == nil {
			err = found.check(flags)
		}
		if err != nil && (!strings.HasPrefix(err.Error(), "pushcam.yaml:") || strings.Contains(err.Error(), "\n")) {
			t.Errorf("error %q: want one line beginning with the path", err)
		}
		for _, name := range slices.Collect(maps.Keys(found)) {
			if flags[name] == nil {
				t.Errorf("setting %q of no flag", name)
			}
		}
	})
}
