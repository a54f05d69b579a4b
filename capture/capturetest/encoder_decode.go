package capturetest

import (
	"bytes"
	"encoding/binary"
	"math"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/pushcam/pushcam/capture"
)

// DecodeConformance has ffmpeg decode what an encoder made, and compares the pictures with the ones that went in.
func DecodeConformance(t *testing.T, codec capture.Codec, newEncoder NewEncoder) {
	for _, size := range []capture.Size{{Width: 320, Height: 180}, {Width: 182, Height: 98}} {
		t.Run(size.String(), func(t *testing.T) {
			e, err := newEncoder(capture.EncoderConfig{Bitrate: capture.Mbps, FrameRate: 30})
			if err != nil {
				t.Fatal(err)
			}
			defer closeEncoder(t, e)
			const pictures = 60
			scene := NewScene(size, 30, time.Unix(1e9, 0))
			var units []*capture.AccessUnit
			var frames []*capture.Frame
			for i := range pictures {
				f := scene.Frame(i, 64)
				au, err := e.Encode(f, i%25 == 24)
				if err != nil {
					t.Fatal(err)
				}
				if au != nil {
					units, frames = append(units, au), append(frames, f)
				}
			}
			decoded := DecodeLuma(t, codec, size, units)
			if len(decoded) != len(units) {
				t.Fatalf("ffmpeg found %d pictures, want %d", len(decoded), len(units))
			}
			for i, luma := range decoded {
				if db := psnr(frames[i], luma); db < 28 {
					t.Errorf("picture %d: %.1f dB, want 28", i, db)
				}
			}
		})
	}
}

// DecodeLuma has ffmpeg decode pictures, with every error fatal, and returns the
// Y plane of each.
func DecodeLuma(t testing.TB, codec capture.Codec, size capture.Size, units []*capture.AccessUnit) [][]byte {
	t.Helper()
	format, stream := "h264", []byte(nil)
	if codec == capture.VP8 {
		format, stream = "ivf", ivfHeader(size)
	}
	for i, au := range units {
		if codec == capture.VP8 {
			stream = binary.LittleEndian.AppendUint32(stream, uint32(len(au.Payload)))
			stream = binary.LittleEndian.AppendUint64(stream, uint64(i))
		}
		stream = append(stream, au.Payload...)
	}
	cmd := exec.CommandContext(t.Context(), "ffmpeg", "-hide_banner", "-loglevel", "warning",
		"-xerror", "-err_detect", "explode", "-f", format, "-i", "pipe:0",
		"-vsync", "passthrough", "-pix_fmt", "yuv420p", "-f", "rawvideo", "pipe:1")
	var out, log bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = bytes.NewReader(stream), &out, &log
	if err := cmd.Run(); err != nil {
		t.Fatalf("ffmpeg: %v\n%s", err, strings.TrimSpace(log.String()))
	}
	var planes [][]byte
	picture := size.Pixels() * 3 / 2
	for rest := out.Bytes(); len(rest) >= picture; rest = rest[picture:] {
		planes = append(planes, rest[:size.Pixels()])
	}
	return planes
}

// ivfHeader is the file header of libvpx's container.
func ivfHeader(size capture.Size) []byte {
	h := append([]byte("DKIF"), 0, 0, 32, 0)
	h = append(h, "VP80"...)
	h = binary.LittleEndian.AppendUint16(h, uint16(size.Width))
	h = binary.LittleEndian.AppendUint16(h, uint16(size.Height))
	h = binary.LittleEndian.AppendUint32(h, 30) // time base denominator
	h = binary.LittleEndian.AppendUint32(h, 1)
	return append(h, make([]byte, 8)...)
}

//go:norace
func psnr(f *capture.Frame, luma []byte) float64 {
	sum := 0
	for y := range f.Height {
		row := f.Y[y*f.YStride:][:f.Width]
		for x, v := range row {
			d := int(v) - int(luma[y*f.Width+x])
			sum += d * d
		}
	}
	return 10 * math.Log10(255*255*float64(f.Pixels())/math.Max(float64(sum), 1))
}
