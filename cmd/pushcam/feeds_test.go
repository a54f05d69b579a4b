package main

import (
	"context"
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
	got, code, complaint := watchOnce(t, s.url, "--duration=4s")
	if code != exitOK || got.Playing != 1 || got.Sizes["320x180"] != 1 || got.Pictures < 10 {
		t.Errorf("exit code %d, %+v, %s", code, got, complaint)
	}
}

// TestServeCommandThatDies kills a source twice while a viewer watches: it stays
// connected, and the picture returns.
func TestServeCommandThatDies(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	pid := filepath.Join(t.TempDir(), "pid")
	line := fmt.Sprintf("echo $$ >%s.new; mv %s.new %s; while cat %s; do sleep 0.2; done", pid, pid, pid, clipOf(t))
	s := startServe(t, append(small, "--source=exec:"+line)...)
	if !strings.Contains(s.greeting, "command echo, run while somebody looks") {
		t.Errorf("greeting: %s", s.greeting)
	}
	killed := make(chan []int)
	go func() {
		var pids []int
		for len(pids) < 2 {
			<-time.After(time.Second)
			if n := pidIn(pid); n != 0 && (len(pids) == 0 || n != pids[0]) {
				pids = append(pids, n)
				_ = syscall.Kill(-n, syscall.SIGKILL)
			}
		}
		killed <- pids
	}()
	got, code, complaint := watchOnce(t, s.url, "--duration=8s")
	pids := <-killed
	if code != exitOK || got.Connected != 1 || got.Playing != 1 || got.Pictures < 40 {
		t.Errorf("exit code %d, %+v, %s", code, got, complaint)
	}
	t.Logf("killed %v: %s", pids, complaint)
	s.stop()
	if last := pidIn(pid); last == pids[1] {
		t.Error("not started again after it was killed twice")
	} else {
		if out, err := exec.CommandContext(t.Context(), "ps", "-o", "stat=", "-p", strconv.Itoa(last)).Output(); err == nil && !strings.HasPrefix(strings.TrimSpace(string(out)), "Z") {
			t.Errorf("the command %d still runs: %s", last, out)
		}
	}
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
