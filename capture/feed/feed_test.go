package feed

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pushcam/pushcam/capture"
	"github.com/pushcam/pushcam/capture/y4m"
)

var testSize = capture.Size{Width: 64, Height: 48}

// errUndecodable is a picture that testConfig's decoder will never take.
var errUndecodable = errors.New("undecodable")

// testConfig decodes JPEGs with image/jpeg, of which it keeps the brightness.
func testConfig() Config {
	return Config{
		FrameRate: 25,
		Decode: func(pool *capture.FramePool, data []byte) (*capture.Frame, error) {
			img, err := jpeg.Decode(bytes.NewReader(data))
			if err != nil {
				return nil, err
			}
			if img.Bounds().Dx() == 16 {
				return nil, errUndecodable
			}
			f := pool.Get(capture.Size{Width: img.Bounds().Dx(), Height: img.Bounds().Dy()})
			y := color.GrayModel.Convert(img.At(1, 1)).(color.Gray).Y
			for i := range f.Y {
				f.Y[i] = y
			}
			return f, nil
		},
		Final: func(err error) bool { return errors.Is(err, errUndecodable) },
	}
}

// jpegOf is a picture of one brightness.
func jpegOf(t testing.TB, size capture.Size, y byte) []byte {
	t.Helper()
	img := image.NewGray(image.Rect(0, 0, size.Width, size.Height))
	for i := range img.Pix {
		img.Pix[i] = y
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// y4mOf is a stream of pictures of one brightness each.
func y4mOf(t testing.TB, rate float64, ys ...byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w := y4m.NewWriter(&b, testSize, rate)
	for _, y := range ys {
		f := capture.NewFrame(testSize)
		for i := range f.Y {
			f.Y[i] = y
		}
		if err := w.WriteFrame(f); err != nil {
			t.Fatal(err)
		}
	}
	return b.Bytes()
}

// write makes a file and returns its path.
func write(t testing.TB, name string, data ...[]byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, bytes.Join(data, nil), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// film is what ffmpeg makes of a test picture: so many seconds at 25 pictures
// per second.
func film(t testing.TB, seconds float64, args ...string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "film")
	line := append([]string{"-v", "error", "-f", "lavfi", "-i", fmt.Sprintf("testsrc=s=%v:r=25:d=%g", testSize, seconds)}, args...)
	if out, err := exec.CommandContext(t.Context(), "ffmpeg", append(line, path)...).CombinedOutput(); err != nil {
		t.Fatalf("ffmpeg: %v\n%s", err, out)
	}
	return path
}

// kinds are the formats, as ffmpeg is asked for them.
func kinds() map[string][]string {
	return map[string][]string{
		"Y4M":   {"-pix_fmt", "yuv420p", "-f", "yuv4mpegpipe"},
		"MJPEG": {"-f", "mjpeg"},
		"H264":  {"-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency", "-g", "10", "-pix_fmt", "yuv420p", "-f", "h264"},
	}
}

// frames reads n Frames and returns their brightness, when they have one.
func frames(t *testing.T, r capture.FrameReader, n int) (ys []byte, times []time.Time) {
	t.Helper()
	for range n {
		f, err := r.Read()
		if err != nil {
			t.Fatalf("after %d frames: %v", len(times), err)
		}
		if f.Coded == nil {
			ys = append(ys, f.Y[0])
		}
		times = append(times, f.Time)
		f.Release()
	}
	return ys, times
}

// ending reads until there is nothing more, and returns why.
func ending(r capture.FrameReader) error {
	for {
		f, err := r.Read()
		if err != nil {
			return err
		}
		f.Release()
	}
}

func mustOpen(t *testing.T, c capture.Camera) capture.FrameReader {
	t.Helper()
	r, err := c.Open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return r
}

// wantError holds err to some words.
func wantError(t *testing.T, err error, words ...string) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error, want one about %q", words)
	}
	for _, w := range words {
		if !strings.Contains(err.Error(), w) {
			t.Errorf("error %q, want one about %q", err, w)
		}
	}
}
