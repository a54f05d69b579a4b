//go:build lab

package lab

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
)

// readme runs what README.md tells people to type, word for word but for the host.
func (s *settings) readme() {
	text := string(read(s.t, filepath.Join(repository(s.t), "README.md")))
	commands := 0
	for line := range strings.Lines(strings.ReplaceAll(text, "\\\n      ", "")) {
		command, ok := strings.CutPrefix(line, "    curl ")
		if !ok {
			continue
		}
		commands++
		home := s.t.TempDir()
		// What is not 200 is an error then.
		if err := os.WriteFile(filepath.Join(home, ".curlrc"), []byte("silent\nfail-with-body\n"), 0o600); err != nil {
			s.t.Fatal(err)
		}
		curl := exec.CommandContext(s.t.Context(), "sh", "-c", "curl "+strings.ReplaceAll(command, "http://HOST:1990", s.url))
		curl.Dir, curl.Env = home, append(os.Environ(), "HOME="+home)
		// It asks for the password on its terminal, or here when it has none.
		curl.Stdin, curl.SysProcAttr = strings.NewReader("secret\n"), &syscall.SysProcAttr{Setsid: true}
		if out, err := curl.CombinedOutput(); err != nil {
			s.t.Errorf("curl %s%v: %s", command, err, out)
		}
	}
	if commands < 7 {
		s.t.Errorf("README.md has %d commands of curl: is this still how they are written?", commands)
	}
	s.has("brightness", 140, true)
}
