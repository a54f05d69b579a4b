package feed

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pushcam/pushcam/capture"
)

// checker is a feed that can be asked whether Open would do.
type checker interface {
	capture.Camera
	Check() error
}

var _, _, _ checker = (*Path)(nil), (*Input)(nil), (*Command)(nil)

// checks waits until c is ready, or not for this reason.
func checks(t *testing.T, c checker, about string) {
	t.Helper()
	for limit := time.After(20 * time.Second); ; {
		err := c.Check()
		if err == nil && about == "" || err != nil && about != "" && strings.Contains(err.Error(), about) {
			if err != nil {
				wantError(t, err, "check "+c.Name()+": ")
			}
			return
		}
		select {
		case <-limit:
			t.Fatalf("check: %v, want %q", err, about)
		case <-time.After(time.Millisecond):
		}
	}
}

func TestCheckFile(t *testing.T) {
	film := write(t, "film", y4mOf(t, 25, 1, 2))
	checks(t, NewPath(film, testConfig()), "")
	checks(t, NewPath(write(t, "empty"), testConfig()), "is empty")
	checks(t, NewPath(write(t, "text", []byte("hello")), testConfig()), "want Y4M")
	checks(t, NewPath(t.TempDir(), testConfig()), "neither a file nor a FIFO")
	later := filepath.Join(t.TempDir(), "later")
	c := NewPath(later, testConfig())
	checks(t, c, "no such file")
	if err := os.Rename(film, later); err != nil {
		t.Fatal(err)
	}
	checks(t, c, "")
}

func TestCheckFIFO(t *testing.T) {
	path := mkfifo(t)
	c := NewPath(path, testConfig())
	_, stop := runs(t, c)
	checks(t, c, "no program writes to this FIFO")
	w := writer(t, path)
	send(t, w, y4mOf(t, 25, 1))
	checks(t, c, "")
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	checks(t, c, "no program writes to this FIFO")
	stop()
	checks(t, c, "is closed")
}

func TestCheckInput(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	in := NewInput(r, testConfig())
	runs(t, in)
	checks(t, in, "nothing comes")
	send(t, w, y4mOf(t, 25, 1))
	checks(t, in, "")
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	checks(t, in, "has ended")

	null, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close()
	checks(t, NewInput(null, testConfig()), "nothing is piped into it")
}

// TestCheckInputOfAFile: whoever reads it meanwhile does not notice.
func TestCheckInputOfAFile(t *testing.T) {
	for about, data := range map[string][]byte{"": y4mOf(t, 100, 1, 2, 3), "want Y4M": []byte("hello")} {
		t.Run(about, func(t *testing.T) {
			file, err := os.Open(write(t, "film", data))
			if err != nil {
				t.Fatal(err)
			}
			defer file.Close()
			checks(t, NewInput(file, testConfig()), about)
			if at, err := file.Seek(0, io.SeekCurrent); err != nil || at != 0 {
				t.Errorf("at byte %d, %v", at, err)
			}
		})
	}
}

func TestCheckCommand(t *testing.T) {
	plain := write(t, "no-program", []byte("text"))
	for line, about := range map[string]string{
		"cat x":                              "",
		"  cat":                              "",
		"/bin/cat x":                         "",
		"while :; do cat x; done":            "", // of the shell itself
		"no-such-program --codec mjpeg -o -": "executable file not found",
		"/no/such/program":                   "no such file",
		plain + " x":                         "permission denied",
		// Only the shell knows what these are.
		`"/opt/my cam" x`:            "",
		"$HOME/no-such-program":      "",
		"PATH=/opt no-such-program":  "",
		"A='x no-such-program'; cat": "",
		"cam () { cat; }; cam":       "",
		"no-such-program|cat":        "",
		"":                           "",
	} {
		t.Run(line, func(t *testing.T) { checks(t, NewCommand(line, testConfig()), about) })
	}
}
