//go:build unix

package preferences

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// Opening a FIFO waits for who writes to it: here for ever.
func TestFIFO(t *testing.T) {
	s := New(t.TempDir(), quiet())
	path := s.path(c920)
	if err := os.Mkdir(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Load(c920); !errors.Is(err, ErrUnreadable) {
		t.Errorf("Load of a FIFO: %v", err)
	}
	update(t, s, c920, set("a", 1))
	wantKept(t, s, c920, map[string]int64{"a": 1})
}
