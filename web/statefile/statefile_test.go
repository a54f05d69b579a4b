package statefile

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

func TestWriteAndRead(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "a", "b")
	path := filepath.Join(folder, "file")
	if _, err := Read(path, 10); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("none: %v", err)
	}
	for _, want := range []string{"first", "second"} {
		if err := Write(path, []byte(want)); err != nil {
			t.Fatal(err)
		}
		if got, err := Read(path, int64(len(want))); string(got) != want || err != nil {
			t.Errorf("got %q, %v", got, err)
		}
	}
	if _, err := Read(path, 5); err == nil {
		t.Error("it is larger, and is read")
	}
	if _, err := Read(folder, 5); err == nil {
		t.Error("a folder is a file")
	}
	for path, want := range map[string]os.FileMode{path: 0o600, folder: 0o700 | os.ModeDir} {
		if about, err := os.Stat(path); err != nil || about.Mode() != want {
			t.Errorf("%v, %v: want %v", about, err, want)
		}
	}
}

// TestFailedWrite leaves nothing behind.
func TestFailedWrite(t *testing.T) {
	folder := t.TempDir()
	if err := os.Mkdir(filepath.Join(folder, "taken"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := Write(filepath.Join(folder, "taken"), nil); err == nil {
		t.Error("a folder is replaced by a file")
	}
	if entries, err := os.ReadDir(folder); len(entries) != 1 || err != nil {
		t.Errorf("left behind: %v, %v", entries, err)
	}
	if err := os.WriteFile(filepath.Join(folder, "taken", "file"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := Write(filepath.Join(folder, "taken", "file", "below"), nil); err == nil {
		t.Error("a file is a folder")
	}
}
