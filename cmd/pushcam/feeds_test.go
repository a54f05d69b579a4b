package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"go.uber.org/goleak"

	"github.com/pushcam/pushcam/capture"
	"github.com/pushcam/pushcam/capture/pattern"
	"github.com/pushcam/pushcam/capture/y4m"
)

// clipOf is a Y4M file of the test pattern's first pictures.
func clipOf(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "clip.y4m")
	out, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	r, err := (&pattern.Camera{Size: capture.Size{Width: 320, Height: 180}, FrameRate: 60}).Open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	w := y4m.NewWriter(out, r.Mode().Size, 15)
	for range 5 {
		f, err := r.Read()
		if err != nil {
			t.Fatal(err)
		}
		if err := w.WriteFrame(f); err != nil {
			t.Fatal(err)
		}
		f.Release()
	}
	return path
}

func TestFeedNames(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.WriteFile("there", nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mkfifo("pipe", 0o600); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"auto": "", "pattern": "", "0": "", "C920": "", "usb-046d_HD_Pro_Webcam_C920-video-index0": "",
		"/dev/video99": "", "/dev/v4l/by-id/usb-x": "", "/dev/null": "",
		"-": "*feed.Input", "/dev/stdin": "*feed.Input", "exec:rpicam-vid -o -": "*feed.Command",
		"film.y4m": "*feed.Path", "FILM.MJPEG": "*feed.Path", "./x": "*feed.Path", "/tmp/x": "*feed.Path", "a/b": "*feed.Path",
		"there": "*feed.Path", "pipe": "*feed.Path",
	} {
		got := ""
		if p, ok := (&serveConfig{Source: sourceName(name)}).fed(); ok {
			got = fmt.Sprintf("%T", p.camera)
			if p.about == "" || strings.Contains(p.about, "\n") {
				t.Errorf("%s: about %q", name, p.about)
			}
			if _, runs := p.camera.(interface {
				Run(context.Context, func()) error
			}); runs != (p.run != nil) {
				t.Errorf("%s: is run: %v", name, p.run != nil)
			}
		}
		if got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

func TestServeFile(t *testing.T) {
	s := startServe(t, append(small, "--source="+clipOf(t))...)
	if !strings.Contains(s.greeting, "clip.y4m, 320x180 at 15 fps, Y4M") {
		t.Errorf("greeting: %s", s.greeting)
	}
	got, code, complaint := watchOnce(t, s.url, "--pictures=10")
	if code != exitOK || got.Playing != 1 || got.Sizes["320x180"] != 1 || got.Pictures < 10 {
		t.Errorf("exit code %d, %+v, %s", code, got, complaint)
	}
}

// TestServeCommandThatDies kills a source twice while a viewer watches, each
// time when it shows something: the viewer stays connected, and the picture
// returns.
func TestServeCommandThatDies(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	pid := filepath.Join(t.TempDir(), "pid")
	line := fmt.Sprintf("echo $$ >%s.new; mv %s.new %s; while cat %s; do sleep 0.2; done", pid, pid, pid, clipOf(t))
	s := startServe(t, append(small, "--source=exec:"+line)...)
	if !strings.Contains(s.greeting, "command echo, run while somebody looks") {
		t.Errorf("greeting: %s", s.greeting)
	}
	ctx, done := context.WithCancel(t.Context())
	defer done()
	var pids []int // of what was killed
	says := lineWriter(func(line string) {
		switch {
		case !strings.Contains(line, "first picture") && !strings.Contains(line, "picture back"):
		case len(pids) == 2:
			done()
		default:
			pids = append(pids, pidIn(pid))
			_ = syscall.Kill(-pids[len(pids)-1], syscall.SIGKILL)
		}
	})
	var report bytes.Buffer
	code := run(ctx, []string{"watch", "-v", "--json", "--duration=1m", s.url}, nil, &report, says)
	var got watchReport
	if err := json.Unmarshal(report.Bytes(), &got); err != nil {
		t.Fatalf("watch printed %q: %v", &report, err)
	}
	if code != exitOK || got.Connected != 1 || got.Playing != 1 || got.Outages != 2 || ctx.Err() == nil {
		t.Errorf("exit code %d after %v were killed, %+v", code, pids, got)
	}
	s.stop()
	last := pidIn(pid)
	if slices.Contains(pids, last) {
		t.Errorf("not started again after %v were killed", pids)
	}
	if out, err := exec.CommandContext(t.Context(), "ps", "-o", "stat=", "-p", strconv.Itoa(last)).Output(); err == nil && !strings.HasPrefix(strings.TrimSpace(string(out)), "Z") {
		t.Errorf("the command %d still runs: %s", last, out)
	}
}

// lineWriter is called with each line that is written to it as a whole, as a log
// does.
type lineWriter func(line string)

func (w lineWriter) Write(line []byte) (int, error) {
	w(string(line))
	return len(line), nil
}

// pidIn reads a number from a file, 0 when there is none.
func pidIn(path string) int {
	text, err := os.ReadFile(path)
	if err != nil {
		return 0
	}
	n, _ := strconv.Atoi(strings.TrimSpace(string(text)))
	return n
}
