//go:build lab

package lab

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// once keeps others, in this process or another, from fetching the same at the
// same time. They find it when the function that it returns was called.
func once(t *testing.T, what string) (done func()) {
	t.Helper()
	folder := filepath.Join(repository(t), ".build", "lab")
	if err := os.MkdirAll(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	lock, err := os.OpenFile(filepath.Join(folder, what+".lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX); err != nil {
		t.Fatal(err)
	}
	return func() { _ = lock.Close() } // which unlocks it
}
