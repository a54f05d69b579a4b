package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image/jpeg"
	"io"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pushcam/pushcam/capture"
	"github.com/pushcam/pushcam/capture/capturetest"
	"github.com/pushcam/pushcam/capture/pattern"
	"github.com/pushcam/pushcam/web"
)

// fetch returns the answer to a request without a body. Its own is the caller's.
func fetch(ctx context.Context, t *testing.T, method, url string) *http.Response {
	t.Helper()
	request, err := http.NewRequestWithContext(ctx, method, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		t.Fatal(err)
	}
	return response
}

func get(t *testing.T, url string) (status int, contentType string, body []byte) {
	t.Helper()
	response := fetch(t.Context(), t, http.MethodGet, url)
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
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

// running is a Source that runs until the test ends.
func running(t *testing.T, camera capture.Camera) *capture.Source {
	t.Helper()
	source, err := capture.NewSource(capture.SourceConfig{
		Camera:    camera,
		Encoding:  capture.EncoderConfig{Bitrate: capture.Mbps, FrameRate: 30},
		Slate:     new(pattern.Slate).Draw,
		SlateSize: capture.Size{Width: 320, Height: 180},
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { _ = source.Run(ctx) }) // returns nil
	t.Cleanup(func() { cancel(); running.Wait() })
	return source
}

// newTestPictures has an encoder that says what it was given, and counts.
func newTestPictures(t *testing.T, opening capturetest.Opening) (*pictures, *atomic.Int64) {
	t.Helper()
	opening.Frames = capturetest.Endless
	p := newPictures(running(t, capturetest.NewFakeCamera(capture.Size{Width: 64, Height: 48}, opening)), func() (func(), error) { return func() {}, nil })
	encoded := new(atomic.Int64)
	p.encode = func(f *capture.Frame, quality int) ([]byte, error) {
		encoded.Add(1)
		return fmt.Appendf(nil, "%v, quality %d", f.Size, quality), nil
	}
	return p, encoded
}

// TestPicturesTogether: however many ask for a picture, and however many get all
// of them, each is encoded once.
func TestPicturesTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, encoded := newTestPictures(t, capturetest.Opening{})
		if _, err := p.Snapshot(t.Context(), web.PictureRequest{}); err != nil { // until the light is right
			t.Fatal(err)
		}
		before := encoded.Load()
		const together = 20
		encode, all := p.encode, false
		p.encode = func(f *capture.Frame, quality int) ([]byte, error) {
			for ; !all; runtime.Gosched() { // have come
				p.mu.Lock()
				all = p.looks[look{}].users == together
				p.mu.Unlock()
			}
			return encode(f, quality)
		}
		var asking sync.WaitGroup
		for range together {
			asking.Go(func() {
				if _, err := p.Snapshot(t.Context(), web.PictureRequest{}); err != nil {
					t.Error(err)
				}
			})
		}
		asking.Wait()
		// The camera may have had the next one meanwhile.
		if n := encoded.Load() - before; n < 1 || n > 2 {
			t.Errorf("%d pictures for %d who asked together", n, together)
		}
		p.encode = encode
		before = encoded.Load()
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		for range 20 {
			asking.Go(func() {
				s, err := p.Stream(web.PictureRequest{FrameRate: 10})
				if err != nil {
					t.Error(err)
					return
				}
				for n := 0; ; n++ {
					if _, err := s.Next(ctx); err != nil {
						if n < 95 || n > 105 || !errors.Is(err, context.DeadlineExceeded) {
							t.Errorf("%d pictures in 10 s, %v", n, err)
						}
						break
					}
				}
				if err := s.Close(); err != nil {
					t.Error(err)
				}
			})
		}
		asking.Wait()
		if n := encoded.Load() - before; n < 95 || n > 105 {
			t.Errorf("%d pictures encoded in 10 s at 10 per second for 20", n)
		}
		if len(p.looks) > 0 {
			t.Errorf("%d looks left", len(p.looks))
		}
	})
}

// TestPicturesAsAsked: the camera's own JPEG where it will do, else one of the
// size and quality that was asked for.
func TestPicturesAsAsked(t *testing.T) {
	const own = "the camera's own"
	for _, tt := range []struct {
		jpeg    bool
		request web.PictureRequest
		want    string
	}{
		{false, web.PictureRequest{}, "64x48, quality 85"},
		{false, web.PictureRequest{Quality: 30}, "64x48, quality 30"},
		{false, web.PictureRequest{Width: 32}, "32x24, quality 85"},
		{false, web.PictureRequest{Height: 24, Quality: 1}, "32x24, quality 1"},
		{false, web.PictureRequest{Width: 1000, Height: 36}, "48x36, quality 85"},
		{false, web.PictureRequest{Width: 16}, "16x16, quality 85"},
		{true, web.PictureRequest{}, own},
		{true, web.PictureRequest{Width: 64, Height: 48}, own},
		{true, web.PictureRequest{Width: 1000}, own},
		{true, web.PictureRequest{Quality: 85}, "64x48, quality 85"},
		{true, web.PictureRequest{Width: 62}, "62x46, quality 85"},
	} {
		synctest.Test(t, func(t *testing.T) {
			p, _ := newTestPictures(t, capturetest.Opening{JPEG: tt.jpeg})
			check := func(kind string, got *web.Picture, err error) {
				t.Helper()
				if err != nil {
					t.Fatalf("%s of %+v: %v", kind, tt.request, err)
				}
				if tt.want == own {
					if len(got.JPEG) != 1 {
						t.Errorf("%s of %+v: %q, want the camera's own", kind, tt.request, got.JPEG)
					}
					return
				}
				if text := string(got.JPEG); text != tt.want {
					t.Errorf("%s of %+v: %q, want %q", kind, tt.request, text, tt.want)
				}
			}
			got, err := p.Snapshot(t.Context(), tt.request)
			check("snapshot", got, err)
			s, err := p.Stream(tt.request)
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			for range 3 {
				got, err := s.Next(t.Context())
				check("stream", got, err)
			}
		})
	}
}

func TestPicturesAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, _ := newTestPictures(t, capturetest.Opening{})
		for n := range mostLooks {
			s, err := p.Stream(web.PictureRequest{Quality: 1 + n})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = s.Close() })
		}
		if _, err := p.Stream(web.PictureRequest{Quality: 90}); !errors.Is(err, errLooks) {
			t.Errorf("one more: %v", err)
		}
		if _, err := p.Snapshot(t.Context(), web.PictureRequest{Quality: 90}); !errors.Is(err, errLooks) {
			t.Errorf("one more: %v", err)
		}
		s, err := p.Stream(web.PictureRequest{Quality: 1, FrameRate: 3})
		if err != nil {
			t.Fatalf("one like another: %v", err)
		}
		s.Close()
	})
}

// TestPicturesOfALostCamera: a stream that began goes on with slates.
func TestPicturesOfALostCamera(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		camera := capturetest.NewFakeCamera(capture.Size{Width: 64, Height: 48},
			capturetest.Opening{Frames: 2, End: capturetest.ErrUnplugged}, capturetest.Opening{OpenErr: capturetest.ErrUnplugged})
		p := newPictures(running(t, camera), func() (func(), error) { return func() {}, nil })
		s, err := p.Stream(web.PictureRequest{})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		for range 10 {
			if _, err := s.Next(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		late, err := p.Stream(web.PictureRequest{})
		if err != nil {
			t.Fatal(err)
		}
		defer late.Close()
		if _, err := late.Next(t.Context()); !errors.Is(err, capture.ErrLost) || !strings.Contains(err.Error(), "unplugged") {
			t.Errorf("who comes now: %v", err)
		}
	})
}
