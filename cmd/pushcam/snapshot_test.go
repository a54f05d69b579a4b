package main

import (
	"bytes"
	"context"
	"image/jpeg"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pushcam/pushcam/capture"
	"github.com/pushcam/pushcam/capture/capturetest"
	"github.com/pushcam/pushcam/capture/pattern"
)

func get(t *testing.T, url string) (status int, contentType string, body []byte) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err = io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, response.Header.Get("Content-Type"), body
}

// TestServeSnapshot reads the test pattern's clock from the JPEG: it is the
// picture of now, and bright enough to be read.
func TestServeSnapshot(t *testing.T) {
	s := startServe(t, small...)
	for _, path := range []string{"/snapshot", "/?action=snapshot"} {
		before := time.Now()
		status, contentType, body := get(t, s.url+path)
		if status != http.StatusOK || contentType != "image/jpeg" {
			t.Fatalf("%s: %d, %s: %s", path, status, contentType, body)
		}
		frame, err := decodeJPEG(body)
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		taken, err := pattern.ReadClock(frame)
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		if frame.Size != (capture.Size{Width: 320, Height: 180}) || taken.Before(before.Add(-time.Second)) || taken.After(time.Now()) {
			t.Errorf("%s: picture of %v, taken at %v, asked for at %v", path, frame.Size, taken, before)
		}
	}
}

func decodeJPEG(data []byte) (*capture.Frame, error) {
	img, err := jpeg.Decode(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	f := capture.NewFrame(capture.Size{Width: img.Bounds().Dx(), Height: img.Bounds().Dy()})
	for i := range f.Y {
		r, g, b, _ := img.At(i%f.Width, i/f.Width).RGBA()
		f.Y[i] = byte((r + g + b) / 3 >> 8)
	}
	return f, nil
}

func TestServeSnapshotWithoutItsCamera(t *testing.T) {
	s := startServe(t, "--source=no-such-camera")
	status, contentType, body := get(t, s.url+"/snapshot")
	if status != http.StatusServiceUnavailable || !strings.HasPrefix(contentType, "text/plain") || !strings.Contains(string(body), "no camera") {
		t.Errorf("%d, %s: %s", status, contentType, body)
	}
}

// TestSnapshotsTogether: however many ask, one is encoded.
func TestSnapshotsTogether(t *testing.T) {
	source, err := capture.NewSource(capture.SourceConfig{
		Camera:   capturetest.NewFakeCamera(capture.Size{Width: 32, Height: 16}, capturetest.Opening{Frames: capturetest.Endless, Interval: time.Second / 10}),
		Encoding: capture.EncoderConfig{Bitrate: capture.Mbps, FrameRate: 30},
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { _ = source.Run(ctx) }) // returns nil
	defer running.Wait()
	defer cancel()

	shots := &snapshots{source: source}
	var asking sync.WaitGroup
	pictures := make([][]byte, 20)
	for i := range pictures {
		asking.Go(func() {
			var err error
			if pictures[i], err = shots.take(ctx); err != nil {
				t.Error(err)
			}
		})
	}
	asking.Wait()
	different := map[*byte]bool{}
	for _, p := range pictures {
		if len(p) > 0 {
			different[&p[0]] = true
		}
	}
	if len(different) < 1 || len(different) > 5 {
		t.Errorf("%d pictures for 20 who asked together", len(different))
	}
	later, err := shots.take(ctx)
	if err != nil || different[&later[0]] {
		t.Errorf("who comes later gets an old picture: %v", err)
	}
}
