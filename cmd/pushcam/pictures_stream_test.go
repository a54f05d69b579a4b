package main

import (
	"bytes"
	"context"
	"io"
	"mime/multipart"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pushcam/pushcam/capture"
	"github.com/pushcam/pushcam/capture/capturetest"
	"github.com/pushcam/pushcam/capture/pattern"
	"github.com/pushcam/pushcam/web/api"
)

// TestServeStream has curl and ffmpeg read it, and counts them as viewers.
func TestServeStream(t *testing.T) {
	s := startServe(t, append(small, "--max-viewers=1")...)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	curl := exec.CommandContext(ctx, "curl", "--silent", "--no-buffer", s.url+"/?action=stream&fps=5")
	out, err := curl.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := curl.Start(); err != nil {
		t.Fatal(err)
	}
	parts := multipart.NewReader(out, "pushcam-picture")
	var last time.Time
	for range 5 {
		part, err := parts.NextRawPart()
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(part)
		if err != nil {
			t.Fatal(err)
		}
		frame, err := decodeJPEG(data)
		if err != nil {
			t.Fatal(err)
		}
		taken, err := pattern.ReadClock(frame)
		if err != nil || taken.Before(last) {
			t.Fatalf("picture of %v after one of %v, %v", taken, last, err)
		}
		last = taken
	}
	for _, path := range []string{"/stream", "/snapshot"} {
		if status, _, body := get(t, s.url+path); status != http.StatusServiceUnavailable || !strings.Contains(string(body), "--max-viewers") {
			t.Errorf("%s beside it: %d, %s", path, status, body)
		}
	}
	_, code, complaint := watchOnce(t, s.url, "--pictures=5", "--duration=20s")
	if code != exitFailed || !strings.Contains(complaint, "full") {
		t.Errorf("a viewer beside it: exit code %d, %s", code, complaint)
	}
	cancel()
	_ = curl.Wait() // was killed
	// Until the server has noticed, there is no room.
	var frames []byte
	for len(frames) == 0 {
		ffmpeg := exec.CommandContext(t.Context(), "ffmpeg", "-v", "error", "-f", "mpjpeg", "-i", s.url+"/stream?width=160&quality=50",
			"-frames:v", "5", "-f", "rawvideo", "-pix_fmt", "gray", "-")
		if frames, err = ffmpeg.Output(); err != nil && t.Context().Err() != nil {
			t.Fatal(err)
		}
	}
	if len(frames) != 5*160*90 {
		t.Errorf("ffmpeg made %d bytes of it, want 5 pictures of 160x90", len(frames))
	}
}

// TestServeStreamOfJPEGs: what the camera sent is what the client gets, byte for
// byte.
func TestServeStreamOfJPEGs(t *testing.T) {
	picture := capturetest.SceneJPEG(t, capture.Size{Width: 320, Height: 180})
	path := filepath.Join(t.TempDir(), "film.mjpeg")
	if err := os.WriteFile(path, picture, 0o600); err != nil {
		t.Fatal(err)
	}
	s := startServe(t, append(small, "--source="+path)...)
	if status, _, got := get(t, s.url+"/snapshot"); status != http.StatusOK || !bytes.Equal(got, picture) {
		t.Errorf("snapshot: %d, %d bytes, want the camera's %d", status, len(got), len(picture))
	}
	if status, _, got := get(t, s.url+"/snapshot?quality=20"); status != http.StatusOK || len(got) >= len(picture) {
		t.Errorf("snapshot of less quality: %d, %d bytes", status, len(got))
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	response := fetch(ctx, t, http.MethodGet, s.url+"/stream")
	defer response.Body.Close()
	parts := multipart.NewReader(response.Body, "pushcam-picture")
	// The first may be one that came before its JPEG was wanted.
	for range 3 {
		part, err := parts.NextRawPart()
		if err != nil {
			t.Fatal(err)
		}
		if got, err := io.ReadAll(part); err == nil && bytes.Equal(got, picture) {
			return
		}
	}
	t.Error("no picture is the camera's")
}

// TestServeStreamUndecoded: while all who look get the camera's own JPEGs, none is
// decoded.
func TestServeStreamUndecoded(t *testing.T) {
	path := filepath.Join(t.TempDir(), "film.mjpeg")
	if err := os.WriteFile(path, capturetest.SceneJPEG(t, capture.Size{Width: 320, Height: 180}), 0o600); err != nil {
		t.Fatal(err)
	}
	s := startServe(t, append(small, "--source="+path)...)
	response := fetch(t.Context(), t, http.MethodGet, s.url+"/stream")
	defer response.Body.Close()
	parts := multipart.NewReader(response.Body, "pushcam-picture")
	see := func(n int) api.Statistics {
		for range n {
			if _, err := parts.NextRawPart(); err != nil {
				t.Fatal(err)
			}
		}
		return getJSON[api.Statistics](t, s.url+"/api/v1/statistics")
	}
	before := see(20) // the first ones are looked at
	after := see(10)
	if before.DecodingSeconds == 0 || after.DecodingSeconds != before.DecodingSeconds || after.Frames == before.Frames {
		t.Errorf("%v s of decoding for %d pictures, %v s for %d", before.DecodingSeconds, before.Frames, after.DecodingSeconds, after.Frames)
	}
}

func TestServeStreamWithoutItsCamera(t *testing.T) {
	s := startServe(t, "--source=no-such-camera")
	if status, _, body := get(t, s.url+"/stream"); status != http.StatusServiceUnavailable || !strings.Contains(string(body), "no camera") {
		t.Errorf("%d: %s", status, body)
	}
}
