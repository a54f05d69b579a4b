package pattern_test

import (
	"bytes"
	"fmt"
	"os/exec"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pushcam/pushcam/capture"
	"github.com/pushcam/pushcam/capture/pattern"
	"github.com/pushcam/pushcam/capture/y4m"
)

// TestClockSurvivesEncoders is the promise that the clock is for: whatever a
// browser shows at 300 kbit/s, at its full size or a third of it, can be read.
func TestClockSurvivesEncoders(t *testing.T) {
	const frames = 60
	size := capture.Size{Width: 640, Height: 360}
	var raw bytes.Buffer
	times := record(t, &raw, &pattern.Camera{Size: size}, frames)
	for _, codec := range []struct {
		name   string
		format string
		args   string
	}{
		{"H264", "h264", "-c:v libx264 -preset ultrafast -tune zerolatency -profile:v baseline -bufsize 150k"},
		{"VP8", "ivf", "-c:v libvpx -deadline realtime -cpu-used 8 -lag-in-frames 0 -minrate 300k -bufsize 150k"},
	} {
		t.Run(codec.name, func(t *testing.T) {
			encode := "-f yuv4mpegpipe -i - " + codec.args + " -b:v 300k -maxrate 300k -g 600 -f " + codec.format + " -"
			encoded := ffmpeg(t, raw.Bytes(), encode)
			if kbps := float64(len(encoded)) * 8 / 1000 / frames * 30; kbps > 450 {
				t.Errorf("encoded at %.0f kbit/s, which proves nothing about 300", kbps)
			}
			for _, shown := range []capture.Size{size, {Width: 320, Height: 180}, {Width: 210, Height: 118}, {Width: 960, Height: 540}} {
				scale := fmt.Sprintf("-f %s -i - -vf scale=%d:%d -pix_fmt gray -f rawvideo -fps_mode passthrough -", codec.format, shown.Width, shown.Height)
				luma := ffmpeg(t, encoded, scale)
				if got := len(luma) / shown.Pixels(); got != frames {
					t.Fatalf("%v: %d pictures decoded, want %d", shown, got, frames)
				}
				for i, want := range times {
					got, err := pattern.ReadClockLuma(luma[i*shown.Pixels():][:shown.Pixels()], shown.Width, shown)
					if err != nil || !got.Equal(want) {
						t.Errorf("%v, picture %d: read %v, %v; want %v", shown, i, got, err, want)
					}
				}
			}
		})
	}
}

// record writes n pictures as Y4M and returns their times, to the millisecond.
func record(t *testing.T, w *bytes.Buffer, camera *pattern.Camera, n int) (times []time.Time) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		reader, err := camera.Open(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer mustClose(t, reader)
		out := y4m.NewWriter(w, reader.Mode().Size, reader.Mode().FrameRate)
		for range n {
			f, err := reader.Read()
			if err != nil {
				t.Fatal(err)
			}
			if err := out.WriteFrame(f); err != nil {
				t.Fatal(err)
			}
			times = append(times, f.Time.Truncate(time.Millisecond))
			f.Release()
		}
	})
	return times
}

// ffmpeg runs one conversion from pipe to pipe.
func ffmpeg(t *testing.T, in []byte, args string) []byte {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "ffmpeg", append([]string{"-nostdin", "-v", "error"}, strings.Fields(args)...)...)
	var out, stderr bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = bytes.NewReader(in), &out, &stderr
	if err := cmd.Run(); err != nil {
		t.Fatalf("ffmpeg %s: %v\n%s", args, err, stderr.Bytes())
	}
	return out.Bytes()
}
