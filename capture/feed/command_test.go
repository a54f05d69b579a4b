package feed

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/pushcam/pushcam/capture"
	"github.com/pushcam/pushcam/capture/capturetest"
)

func TestCommandConformance(t *testing.T) {
	for kind, args := range kinds() {
		one := film(t, 0.04, args...)
		t.Run(kind, func(t *testing.T) {
			capturetest.CameraConformanceLive(t, func(*testing.T) capture.Camera {
				return NewCommand("while cat "+one+"; do sleep 0.02; done", testConfig())
			})
		})
	}
}

// TestCommandFFmpeg records as people do.
func TestCommandFFmpeg(t *testing.T) {
	for kind, args := range kinds() {
		t.Run(kind, func(t *testing.T) {
			r := mustOpen(t, NewCommand(recorder(args...), testConfig()))
			frames(t, r, 20)
			if m := r.Mode(); m.Size != testSize || m.Format != kind || kind != "MJPEG" && m.FrameRate != 25 {
				t.Errorf("mode %v", m)
			}
		})
	}
}

// recorder is ffmpeg, in real time, as it would record a camera.
func recorder(args ...string) string {
	return fmt.Sprintf("ffmpeg -v error -re -f lavfi -i testsrc=s=%v:r=25 %s -", testSize, strings.Join(args, " "))
}

// shell is a command whose process group can be looked for: it tells its number
// and then does what line says.
func shell(t *testing.T, line string) (c *Command, group func() int) {
	t.Helper()
	pid := filepath.Join(t.TempDir(), "pid")
	read := func() int {
		text, err := os.ReadFile(pid)
		if err != nil {
			t.Fatal(err)
		}
		n, err := strconv.Atoi(strings.TrimSpace(string(text)))
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	return NewCommand("echo $$ >"+pid+"; "+line, testConfig()), read
}

// wantGone waits for a process group to be empty but for what is dead and not
// reaped yet, which is up to whoever inherits it.
func wantGone(t *testing.T, group int) {
	t.Helper()
	for limit := time.After(time.Minute); ; {
		left := members(t, group)
		if len(left) == 0 {
			return
		}
		select {
		case <-limit:
			t.Errorf("left of process group %d: %q", group, left)
			_ = syscall.Kill(-group, syscall.SIGKILL)
			return
		case <-time.After(5 * time.Millisecond):
		}
	}
}

// members are the living processes of a group, as ps names them.
func members(t *testing.T, group int) (all []string) {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "ps", "-A", "-o", "pgid=,stat=,args=").Output()
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(out)) {
		f := strings.Fields(line)
		if len(f) > 2 && f[0] == strconv.Itoa(group) && f[1][0] != 'Z' {
			all = append(all, strings.TrimSpace(line))
		}
	}
	return all
}

// TestCommandEnds: whatever a command does after its pictures, its end is told,
// and after Close nothing of it is left.
func TestCommandEnds(t *testing.T) {
	pictures := "cat " + write(t, "a.y4m", y4mOf(t, 25, 1, 2, 3)) + "; "
	for name, tt := range map[string]struct {
		line  string
		about string
		not   string // what must not be told
	}{
		"with a status":               {pictures + "echo one >&2; echo two >&2; echo no camera >&2; exit 7", "has ended with exit status 7: two; no camera", "one"},
		"quietly":                     {pictures, "read command echo: has ended", "exit status"},
		"by a signal":                 {pictures + "kill -9 $$", "has ended with signal: killed", ""},
		"in a pipe":                   {pictures + "echo gone | cat >&2; false", "exit status 1: gone", ""},
		"with its output only":        {pictures + "exec >&-; sleep 1000", "has ended with signal: ", ""},
		"and leaves one behind":       {pictures + "sleep 1000 &", "has ended", ""},
		"and leaves a stubborn one":   {pictures + "(trap '' TERM; while :; do sleep 1; done) &", "has ended", ""},
		"with much to say":            {pictures + "yes trouble | head -c 1000000 >&2; exit 3", "exit status 3: trouble; trouble", ""},
		"with an endless line":        {pictures + "head -c 1000000 /dev/zero | tr '\\0' x >&2; exit 3", "exit status 3: ...xxx", ""},
		"with what is not to be seen": {pictures + "echo 'rtsp://me:secret@host: \033[31mrefused' >&2; exit 1", "rtsp://***@host:  [31mrefused", "secret"},
		"with garbage":                {pictures + "head -c 8000000 /dev/zero; exec sleep 1000", "60 in a row: broken picture: read y4m", ""},
	} {
		t.Run(name, func(t *testing.T) {
			defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
			c, group := shell(t, tt.line)
			r, err := c.Open(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			err = ending(r)
			wantError(t, err, tt.about)
			if tt.not != "" && strings.Contains(err.Error(), tt.not) {
				t.Errorf("error %q says %q", err, tt.not)
			}
			if err := r.Close(); err != nil {
				t.Error(err)
			}
			wantGone(t, group())
		})
	}
}

func TestCommandDoesNotBegin(t *testing.T) {
	for name, tt := range map[string]struct{ line, about string }{
		"no such program": {"no-such-program-at-all --codec mjpeg", "exit status 127: "},
		"fails":           {"echo no cameras available >&2; exit 255", "has ended with exit status 255: no cameras available"},
		"nothing":         {":", "has ended"},
		"talks":           {"echo usage: foo; exit 1", `begins with "usage: foo\n": want Y4M`},
		"talks on":        {"yes", "want Y4M"},
		"half a header":   {"printf 'YUV4MPEG2 W16'", "has ended"},
	} {
		t.Run(name, func(t *testing.T) {
			defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
			c, group := shell(t, tt.line)
			_, err := c.Open(t.Context())
			wantError(t, err, "open command ", tt.about)
			wantGone(t, group())
		})
	}
}

// TestCommandIsClosed: Close ends a command in any state, also one that does
// not want to.
func TestCommandIsClosed(t *testing.T) {
	film := write(t, "a.y4m", y4mOf(t, 25, 1, 2, 3))
	for name, line := range map[string]string{
		"writes":               "while :; do cat " + film + "; done",
		"is silent":            "cat " + film + "; sleep 1000",
		"ignores SIGTERM":      "trap '' TERM; cat " + film + "; while :; do sleep 1; done",
		"all ignore SIGTERM":   "trap '' TERM; (trap '' TERM PIPE; while :; do cat " + film + "; done) & wait; while :; do sleep 1; done",
		"floods its complaint": "yes trouble >&2 & cat " + film + "; wait",
		"is a pipeline":        "yes | while read -r x; do cat " + film + "; done | cat",
	} {
		t.Run(name, func(t *testing.T) {
			defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
			c, group := shell(t, line)
			r, err := c.Open(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			frames(t, r, 1)
			pid := group()
			for range 2 {
				if err := r.Close(); err != nil {
					t.Error(err)
				}
			}
			wantGone(t, pid)
			if n := len(r.(*live).kit.jpegs.free); n > 3 {
				t.Errorf("%d buffers kept", n)
			}
		})
	}
}

// TestCommandLeavesTheGroup: what takes itself out of the process group cannot
// be ended, but it cannot hold anything up either.
func TestCommandLeavesTheGroup(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	other := filepath.Join(t.TempDir(), "other")
	film := write(t, "a.y4m", y4mOf(t, 25, 1, 2, 3))
	c, group := shell(t, fmt.Sprintf("cat %s; setsid sh -c 'echo $$ >%s.part; mv %s.part %s; exec sleep 1000' & while [ ! -e %s ]; do sleep 0.01; done",
		film, other, other, other, other))
	r, err := c.Open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	wantError(t, ending(r), "has ended")
	if err := r.Close(); err != nil {
		t.Error(err)
	}
	wantGone(t, group())
	text, err := os.ReadFile(other)
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Errorf("the one that left: %v", err)
	}
}

func TestCommandCancelled(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	fifo := mkfifo(t)
	c, group := shell(t, "echo >"+fifo+"; sleep 1000")
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go func() {
		_, _ = os.ReadFile(fifo) // blocks until the command runs
		cancel()
	}()
	if _, err := c.Open(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("Open: %v, want %v", err, context.Canceled)
	}
	wantGone(t, group())
}

func TestCommandName(t *testing.T) {
	for line, want := range map[string]string{
		"rpicam-vid -t 0 -o -":                     "command rpicam-vid",
		"/usr/bin/ffmpeg -i rtsp://me:secret@host": "command ffmpeg",
		"TOKEN=secret LANG=C   cat x":              "command cat",
		`"/opt/my cam" --password 'x'`:             "command my",
		"(ffmpeg -i x; true)":                      "command ffmpeg",
		"PASSWORD=secret":                          "command",
		"":                                         "command",
		"ffmpeg -f v4l2 -i /dev/video0 -f h264 - | tee": "command ffmpeg",
	} {
		if got := NewCommand(line, Config{}).Name(); got != want {
			t.Errorf("%q: %q, want %q", line, got, want)
		}
	}
}

func mkfifo(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "fifo")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
