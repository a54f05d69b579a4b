package web

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"
)

// TestStream reads a stream as programs do: part by part, each with its length.
func TestStream(t *testing.T) {
	defer goleak.VerifyNone(t)
	place := &roll{}
	place.next = func(n int) (*Picture, error) {
		if n > 3 {
			return nil, io.EOF
		}
		return &Picture{JPEG: bytes.Repeat([]byte{0xff, byte(n)}, 50000*n), Time: time.UnixMilli(int64(n))}, nil
	}
	r := run(t, handlerOf(t, album{stream: func(PictureRequest) (PictureStream, error) { return place, nil }}), time.Minute)
	res := getFrom(t, r.addr, "/stream", "HTTP/1.1")
	defer res.Body.Close()
	kind, params, err := mime.ParseMediaType(res.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/x-mixed-replace" {
		t.Fatalf("%s, %v", res.Header, err)
	}
	// Old clients take neither chunks nor a second answer.
	if len(res.TransferEncoding) > 0 || !res.Close {
		t.Errorf("transfer encoding %q, closes: %v", res.TransferEncoding, res.Close)
	}
	parts := multipart.NewReader(res.Body, params["boundary"])
	for n := 1; n <= 3; n++ {
		part, err := parts.NextRawPart()
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(part)
		if err != nil || len(got) != 100000*n || part.Header.Get("Content-Length") != fmt.Sprint(100000*n) ||
			part.Header.Get("Content-Type") != "image/jpeg" || part.Header.Get("X-Timestamp") != fmt.Sprintf("0.00%d000", n) {
			t.Errorf("part %d: %d bytes, %v, %v", n, len(got), part.Header, err)
		}
	}
	if _, err := parts.NextRawPart(); err == nil {
		t.Error("a fourth part")
	}
	r.stop()
	if err := <-r.end; err != nil {
		t.Errorf("Serve = %v", err)
	}
	if !place.closed.Load() {
		t.Error("the place was not given back")
	}
}

// TestStreamShowsAtOnce: the end of a picture comes with it and not with the next,
// so that no browser is one picture behind.
func TestStreamShowsAtOnce(t *testing.T) {
	defer goleak.VerifyNone(t)
	more := make(chan struct{})
	place := &roll{next: func(n int) (*Picture, error) {
		if n == 2 {
			<-more
			return nil, io.EOF
		}
		return &Picture{JPEG: []byte("picture")}, nil
	}}
	r := run(t, handlerOf(t, album{stream: func(PictureRequest) (PictureStream, error) { return place, nil }}), time.Minute)
	res := getFrom(t, r.addr, "/stream", "HTTP/1.0")
	defer res.Body.Close()
	in := bufio.NewReader(res.Body)
	for seen := 0; seen < 2; {
		line, err := in.ReadString('\n')
		if err != nil {
			t.Fatal(err)
		}
		if line == delimiter {
			seen++
		}
	}
	close(more)
	r.stop()
	if err := <-r.end; err != nil {
		t.Errorf("Serve = %v", err)
	}
}

// TestStreamOfOneWhoNeverReads: it holds up neither the others nor the end, and
// nothing grows: no picture is asked for that it has no room for.
func TestStreamOfOneWhoNeverReads(t *testing.T) {
	defer goleak.VerifyNone(t)
	picture := &Picture{JPEG: make([]byte, 1<<20)}
	var mu sync.Mutex
	asked := 0
	stuck := sync.NewCond(&mu)
	streams := album{stream: func(r PictureRequest) (PictureStream, error) {
		return &roll{next: func(n int) (*Picture, error) {
			mu.Lock()
			defer mu.Unlock()
			if r.Width == 64 { // the one that never reads
				asked = n
			} else if n == 5 {
				return nil, io.EOF
			}
			stuck.Broadcast()
			return picture, nil
		}}, nil
	}}
	r := run(t, handlerOf(t, streams), time.Minute)
	conn, err := net.Dial("tcp", r.addr)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_, _ = fmt.Fprintf(conn, "GET /stream?width=64 HTTP/1.1\r\nHost: localhost\r\n\r\n")
	mu.Lock()
	for asked == 0 {
		stuck.Wait()
	}
	mu.Unlock()
	res := getFrom(t, r.addr, "/stream", "HTTP/1.1")
	if n, err := io.Copy(io.Discard, res.Body); n < 4<<20 {
		t.Errorf("the other got %d bytes, %v", n, err)
	}
	_ = res.Body.Close()
	begun := time.Now()
	r.stop()
	if err := <-r.end; err != nil || time.Since(begun) >= partLimit {
		t.Errorf("Serve = %v, after %v", err, time.Since(begun))
	}
	mu.Lock()
	defer mu.Unlock()
	// What the two systems' buffers hold is at most some megabytes each; Linux is
	// told to take less than a picture.
	if asked > 32 || runtime.GOOS == "linux" && asked > 2 {
		t.Errorf("%d pictures for one who reads none", asked)
	}
}

func handlerOf(t *testing.T, p Pictures) http.Handler {
	t.Helper()
	return must(t, func() (http.Handler, error) { return New(Config{Pictures: p}) })
}

// getFrom asks on a connection of its own.
func getFrom(t *testing.T, addr, path, version string) *http.Response {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	if _, err := io.WriteString(conn, strings.Join([]string{"GET " + path + " " + version, "Host: localhost", "", ""}, "\r\n")); err != nil {
		t.Fatal(err)
	}
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	return res
}

// stuckWriter takes nothing, but for the header.
type stuckWriter struct {
	*httptest.ResponseRecorder
	deadline time.Time
}

func (w *stuckWriter) SetWriteDeadline(t time.Time) error { w.deadline = t; return nil }

func (w *stuckWriter) Write([]byte) (int, error) {
	<-time.After(time.Until(w.deadline))
	return 0, os.ErrDeadlineExceeded
}

// TestStreamCutsOff one who never reads, after its time.
func TestStreamCutsOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		place := &roll{next: func(int) (*Picture, error) { return &Picture{JPEG: make([]byte, 1000)}, nil }}
		h := pictureHandler{pictures: album{stream: func(PictureRequest) (PictureStream, error) { return place, nil }}}
		start := time.Now()
		h.stream(&stuckWriter{ResponseRecorder: httptest.NewRecorder()}, requestNear("/stream").WithContext(t.Context()))
		if took := time.Since(start); took != partLimit || !place.closed.Load() {
			t.Errorf("cut off after %v, place given back: %v", took, place.closed.Load())
		}
	})
}
