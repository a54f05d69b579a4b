package main

import (
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pushcam/pushcam/capture"
	"github.com/pushcam/pushcam/capture/capturetest"
)

func TestServeReady(t *testing.T) {
	s := startServe(t, small...)
	if status, _, body := get(t, s.url+"/readyz"); status != http.StatusOK || string(body) != "ready\n" {
		t.Errorf("the test pattern: %d, %s", status, body)
	}
	s = startServe(t, "--source=no-such-camera")
	if status, _, body := get(t, s.url+"/readyz"); status != http.StatusServiceUnavailable || !strings.Contains(string(body), "no camera") {
		t.Errorf("no camera: %d, %s", status, body)
	}
	if status, _, body := get(t, s.url+"/healthz"); status != http.StatusOK {
		t.Errorf("no camera, and pushcam serves: %d, %s", status, body)
	}
}

// TestServeReadySources: what is no camera is ready, too, when it is there to be
// opened, and nobody has to look for that.
func TestServeReadySources(t *testing.T) {
	missing := filepath.Join(t.TempDir(), "missing.y4m")
	fifo := filepath.Join(t.TempDir(), "fifo")
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	film := clipOf(t)
	for _, tt := range []struct{ name, source, says string }{
		{"a file", film, "ready"},
		{"no file", missing, "no such file"},
		{"a file of another kind", "ready_test.go", "want Y4M"},
		{"a FIFO that nobody writes to", fifo, "no program writes to this FIFO"},
		{"a command", "exec:cat " + film, "ready"},
		{"no command", "exec:no-such-program " + film, "not found"},
		{"a file that is no program", "exec:" + film, "permission denied"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := startServe(t, append(small, "--source="+tt.source)...)
			readyWhen(t, s, tt.says)
		})
	}
	s := startServe(t, append(small, "--source="+fifo)...)
	readyWhen(t, s, "no program writes")
	data, err := os.ReadFile(film)
	if err != nil {
		t.Fatal(err)
	}
	writer, err := os.OpenFile(fifo, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := writer.Write(data); err != nil {
		t.Error(err)
	}
	readyWhen(t, s, "ready")
	if err := writer.Close(); err != nil {
		t.Error(err)
	}
	readyWhen(t, s, "no program writes")
}

// readyWhen waits for what /readyz says.
func readyWhen(t *testing.T, s *serving, says string) {
	t.Helper()
	want := http.StatusServiceUnavailable
	if says == "ready" {
		want = http.StatusOK
	}
	for limit := time.After(20 * time.Second); ; {
		status, _, body := get(t, s.url+"/readyz")
		if status == want && strings.Contains(string(body), says) {
			return
		}
		select {
		case <-limit:
			t.Fatalf("%d, %s; want %s", status, body, says)
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// checked is a camera that is looked for.
type checked struct {
	*capturetest.FakeCamera
	err   error
	looks int
}

func (c *checked) Check() error { c.looks++; return c.err }

// TestReadiness: a closed camera is looked for, not too often; an open one is
// ready, and a lost one says why it is not.
func TestReadiness(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		camera := &checked{FakeCamera: capturetest.NewFakeCamera(capture.Size{Width: 64, Height: 48}), err: errors.New("not there")}
		source := running(t, camera)
		r := newReadiness(source, camera)
		for range 10 {
			if err := r.check(t.Context()); !errors.Is(err, camera.err) {
				t.Error(err)
			}
		}
		camera.err = nil
		<-time.After(2 * checkEvery)
		if err := r.check(t.Context()); err != nil || camera.looks != 2 {
			t.Errorf("%v, looked %d times", err, camera.looks)
		}
		camera.err = errors.New("not asked")
		o, err := source.Onlook(capture.OnlookerConfig{})
		if err != nil {
			t.Fatal(err)
		}
		defer o.Close()
		if f, err := o.Next(t.Context()); err == nil {
			f.Release()
		}
		<-time.After(2 * checkEvery)
		if err := r.check(t.Context()); err != nil {
			t.Errorf("live: %v", err)
		}
		camera.Unplug(capturetest.ErrUnplugged)
		for status, changed := source.Status(); status.State == capture.Live; status, changed = source.Status() {
			<-changed
		}
		if err := r.check(t.Context()); err == nil || !strings.Contains(err.Error(), "unplugged") {
			t.Errorf("lost: %v", err)
		}
	})
}
