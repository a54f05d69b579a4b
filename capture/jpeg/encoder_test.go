package jpeg

import (
	"bytes"
	"errors"
	"image"
	"image/jpeg"
	"math"
	"testing"
	"time"

	"github.com/pushcam/pushcam/capture"
	"github.com/pushcam/pushcam/capture/capturetest"
)

// TestEncode: every decoder shows what was in the Frame.
func TestEncode(t *testing.T) {
	for _, size := range []capture.Size{{Width: 320, Height: 176}, {Width: 182, Height: 98}, {Width: 16, Height: 16}, {Width: 1280, Height: 720}} {
		for _, extra := range []int{0, 24} {
			f := capturetest.NewScene(size, 30, time.Unix(0, 0)).Frame(3, extra)
			data, err := Encode(f, 95)
			if err != nil {
				t.Fatal(err)
			}
			img, err := jpeg.Decode(bytes.NewReader(data))
			if err != nil {
				t.Fatalf("%v: %v", size, err)
			}
			full, ok := img.(*image.YCbCr)
			if !ok || full.SubsampleRatio != image.YCbCrSubsampleRatio420 || full.Rect.Dx() != size.Width || full.Rect.Dy() != size.Height {
				t.Fatalf("%v: got a %T of %v", size, img, img.Bounds())
			}
			for name, p := range map[string]struct {
				got, want      []byte
				gotStride      int
				wantStride     int
				width, height  int
				offset, factor float64
			}{
				"Y":  {full.Y, f.Y, full.YStride, f.YStride, size.Width, size.Height, 16, 219},
				"Cb": {full.Cb, f.U, full.CStride, f.UVStride, size.Width / 2, size.Height / 2, 16, 224},
				"Cr": {full.Cr, f.V, full.CStride, f.UVStride, size.Width / 2, size.Height / 2, 16, 224},
			} {
				sum := 0.0
				for y := range p.height {
					for x := range p.width {
						d := p.offset + float64(p.got[y*p.gotStride+x])*p.factor/255 - float64(p.want[y*p.wantStride+x])
						sum += d * d
					}
				}
				if db := 10 * math.Log10(255*255*float64(p.width*p.height)/sum); db < 38 {
					t.Errorf("%v, %d bytes beyond the rows: %s: %.1f dB", size, extra, name, db)
				}
			}
		}
	}
}

// TestEncodeKeepsLevels: what the camera's JPEG was decoded to becomes the same
// JPEG again, level by level.
func TestEncodeKeepsLevels(t *testing.T) {
	d, pool := newDecoder(t), new(capture.FramePool)
	for v := range 256 {
		f := capture.NewFrame(capture.Size{Width: 16, Height: 16})
		for i := range f.Y {
			f.Y[i] = byte(v)
		}
		for i := range f.U {
			f.U[i], f.V[i] = byte(v), byte(256-v)
		}
		data, err := Encode(f, 100)
		if err != nil {
			t.Fatal(err)
		}
		back, err := d.Decode(pool, data)
		if err != nil {
			t.Fatal(err)
		}
		want := func(v, top byte) byte { return min(max(v, 16), top) }
		if y, u, w := back.Y[0], back.U[0], back.V[0]; y != want(byte(v), 235) || u != want(byte(v), 240) || w != want(byte(256-v), 240) {
			t.Errorf("%d became %d, %d, %d", v, y, u, w)
		}
		back.Release()
	}
}

func TestEncodeQuality(t *testing.T) {
	f := capturetest.NewScene(capture.Size{Width: 320, Height: 180}, 30, time.Unix(0, 0)).Frame(0, 0)
	last := 0
	for _, quality := range []int{1, 30, 60, 90, 100} { // the last takes more room than was guessed
		data, err := Encode(f, quality)
		if err != nil {
			t.Fatal(err)
		}
		if len(data) <= last {
			t.Errorf("quality %d: %d bytes, %d with less", quality, len(data), last)
		}
		last = len(data)
	}
	if last < 4096+320*180/4 {
		t.Errorf("%d bytes fit into what was guessed", last)
	}
}

func TestEncodeRefuses(t *testing.T) {
	good := capture.NewFrame(capture.Size{Width: 32, Height: 32})
	short := capture.NewFrame(capture.Size{Width: 32, Height: 32})
	short.Y = short.Y[:100]
	coded := capture.NewCodedFrame(good.Size, &capture.Coded{Codec: capture.H264}, time.Time{})
	for name, tt := range map[string]struct {
		frame   *capture.Frame
		quality int
		want    error
	}{
		"nil":          {nil, 80, nil},
		"short plane":  {short, 80, nil},
		"coded":        {coded, 80, nil},
		"too large":    {capture.NewFrame(capture.Size{Width: 8192, Height: 2304}), 80, ErrUnsupported},
		"quality 0":    {good, 0, nil},
		"quality 101":  {good, 101, nil},
		"quality -2^9": {good, -512, nil},
	} {
		if data, err := Encode(tt.frame, tt.quality); err == nil || tt.want != nil && !errors.Is(err, tt.want) {
			t.Errorf("%s: got %d bytes, %v", name, len(data), err)
		}
	}
}

func BenchmarkEncode720p(b *testing.B) {
	f := capturetest.NewScene(capture.Size{Width: 1280, Height: 720}, 30, time.Unix(0, 0)).Frame(0, 0)
	for b.Loop() {
		if _, err := Encode(f, 85); err != nil {
			b.Fatal(err)
		}
	}
}
