package y4m_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pushcam/pushcam/capture"
	"github.com/pushcam/pushcam/capture/pattern"
	"github.com/pushcam/pushcam/capture/y4m"
)

func TestHeader(t *testing.T) {
	size := capture.Size{Width: 16, Height: 16}
	for _, c := range []struct {
		rate float64
		want string
	}{
		{30, "F30:1"},
		{15, "F15:1"},
		{30000.0 / 1001, "F30000:1001"},
		{29.97, "F30000:1001"},
		{59.94, "F60000:1001"},
		{7.5, "F7500:1000"},
		{0.0001, "F0:0"},
		{0, "F0:0"},
		{-1, "F0:0"},
	} {
		var out bytes.Buffer
		if err := y4m.NewWriter(&out, size, c.rate).WriteFrame(capture.NewFrame(size)); err != nil {
			t.Fatal(err)
		}
		header, _, _ := strings.Cut(out.String(), "\n")
		if want := "YUV4MPEG2 W16 H16 " + c.want + " Ip A1:1 C420jpeg XCOLORRANGE=LIMITED"; header != want {
			t.Errorf("rate %v: header %q, want %q", c.rate, header, want)
		}
	}
}

func TestStridesAreNotWritten(t *testing.T) {
	tight := numbered(capture.Size{Width: 16, Height: 18}, 0)
	padded := numbered(capture.Size{Width: 16, Height: 18}, 5)
	var want, got bytes.Buffer
	for out, f := range map[*bytes.Buffer]*capture.Frame{&want: tight, &got: padded} {
		w := y4m.NewWriter(out, f.Size, 30)
		for range 2 {
			if err := w.WriteFrame(f); err != nil {
				t.Fatal(err)
			}
		}
	}
	if !bytes.Equal(got.Bytes(), want.Bytes()) {
		t.Error("the same picture is written differently with padded rows")
	}
	if n := bytes.Count(want.Bytes(), []byte("YUV4MPEG2")); n != 1 {
		t.Errorf("%d headers, want 1", n)
	}
	_, body, _ := bytes.Cut(want.Bytes(), []byte("FRAME\n"))
	if !bytes.HasPrefix(body, tight.Y) {
		t.Error("the first plane is not Y")
	}
}

// numbered is a Frame with no two neighbouring bytes equal, its rows padded.
func numbered(size capture.Size, padding int) *capture.Frame {
	f := &capture.Frame{Size: size, YStride: size.Width + padding, UVStride: size.Width/2 + padding}
	plane := func(stride, width, rows, seed int) []byte {
		pix := bytes.Repeat([]byte{0xee}, stride*rows)
		for y := range rows {
			for x := range width {
				pix[y*stride+x] = byte(y*width + x + seed)
			}
		}
		return pix
	}
	f.Y = plane(f.YStride, size.Width, size.Height, 0)
	f.U = plane(f.UVStride, size.Width/2, size.Height/2, 50)
	f.V = plane(f.UVStride, size.Width/2, size.Height/2, 100)
	return f
}

func TestWriteFrameErrors(t *testing.T) {
	size := capture.Size{Width: 16, Height: 16}
	short := numbered(size, 0)
	short.V = short.V[:10]
	for _, c := range []struct {
		name  string
		frame *capture.Frame
		out   io.Writer
		want  string
	}{
		{"other size", capture.NewFrame(capture.Size{Width: 32, Height: 16}), io.Discard, "frame of 32x16 in a stream of 16x16"},
		{"short plane", short, io.Discard, "too short"},
		{"broken pipe", capture.NewFrame(size), brokenPipe{}, "broken pipe"},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := y4m.NewWriter(c.out, size, 30).WriteFrame(c.frame)
			if err == nil || !strings.HasPrefix(err.Error(), "write y4m: ") || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want one about %q", err, c.want)
			}
		})
	}
}

var errBroken = errors.New("broken pipe")

type brokenPipe struct{}

func (brokenPipe) Write([]byte) (int, error) { return 0, errBroken }

func TestStreamRunsInRealTimeUntilCancelled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		// Off the beat of the pictures, so that the count is certain.
		ctx, cancel := context.WithTimeout(t.Context(), time.Second+10*time.Millisecond)
		defer cancel()
		var out bytes.Buffer
		if err := y4m.Stream(ctx, &out, &pattern.Camera{Size: capture.Size{Width: 64, Height: 64}, FrameRate: 10}); err != nil {
			t.Errorf("Stream: %v", err)
		}
		if n := bytes.Count(out.Bytes(), []byte("FRAME\n")); n != 11 {
			t.Errorf("%d frames in one second at 10 per second, want 11", n)
		}
	})
}

func TestStreamErrors(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		camera := &pattern.Camera{Size: capture.Size{Width: 64, Height: 64}}
		if err := y4m.Stream(t.Context(), brokenPipe{}, camera); !errors.Is(err, errBroken) {
			t.Errorf("Stream to a broken pipe: %v, want %v", err, errBroken)
		}
		camera.FrameRate = -1
		if err := y4m.Stream(t.Context(), io.Discard, camera); err == nil {
			t.Error("Stream of a camera that does not open: no error")
		}
		cancelled, cancel := context.WithCancel(t.Context())
		cancel()
		camera.FrameRate = 30
		if err := y4m.Stream(cancelled, io.Discard, camera); err != nil {
			t.Errorf("Stream, cancelled before: %v", err)
		}
	})
}

func TestFFmpegReadsIt(t *testing.T) {
	path := filepath.Join(t.TempDir(), "pattern.y4m")
	synctest.Test(t, func(t *testing.T) {
		out, err := os.Create(path)
		if err != nil {
			t.Fatal(err)
		}
		defer out.Close()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second-10*time.Millisecond)
		defer cancel()
		if err := y4m.Stream(ctx, out, &pattern.Camera{Size: capture.Size{Width: 320, Height: 240}, FrameRate: 25}); err != nil {
			t.Error(err)
		}
	})
	out, err := exec.Command("ffprobe", "-v", "error", "-count_frames", "-select_streams", "v", "-of", "default=nw=1:nk=0",
		"-show_entries", "stream=width,height,pix_fmt,color_range,r_frame_rate,nb_read_frames", path).CombinedOutput()
	if err != nil {
		t.Fatalf("ffprobe: %v\n%s", err, out)
	}
	for key, want := range map[string]string{
		"width": "320", "height": "240", "pix_fmt": "yuv420p", "color_range": "tv", "r_frame_rate": "25/1", "nb_read_frames": "25",
	} {
		if line := fmt.Sprintf("%s=%s\n", key, want); !strings.Contains(string(out), line) {
			t.Errorf("ffprobe does not say %q but\n%s", line, out)
		}
	}
}
