//go:build vivid

package main

import (
	"testing"
	"time"

	"github.com/pushcam/pushcam/capture"
	"github.com/pushcam/pushcam/capture/jpeg"
	"github.com/pushcam/pushcam/capture/v4l2"
)

// bar is one of the kernel's colour bars, measured in its middle: white, yellow,
// cyan, green, magenta, red, blue or black, at 75 %.
type bar struct{ y, u, v byte }

// TestVividFormats shows that a driver's own pictures come out in the same
// colours, whichever layout they had. It needs vivid as /dev/video0:
// cmd/pushcam/lab runs it.
func TestVividFormats(t *testing.T) {
	device, err := v4l2.Open("/dev/video0")
	if err != nil {
		t.Fatal(err)
	}
	defer device.Close()
	// The luma and chroma of other colors are a driver's choice.
	for name, value := range map[string]int64{"Test Pattern": 0, "Brightness": 128, "Saturation": 128} {
		if _, err := device.Set(name, value); err != nil {
			t.Fatal(err)
		}
	}
	d := decoder{jpeg: jpeg.NewDecoder()}
	var want [8]bar
	for i, format := range []v4l2.PixelFormat{v4l2.I420, v4l2.YV12, v4l2.NV12, v4l2.NV21, v4l2.YUYV, v4l2.UYVY} {
		got := barsOf(t, device, format, d)
		t.Logf("%v: %v", format, got)
		if i == 0 {
			want = got
			continue
		}
		for n := range got {
			if far(got[n].y, want[n].y) || far(got[n].u, want[n].u) || far(got[n].v, want[n].v) {
				t.Errorf("%v: bar %d is %v, want about %v as in I420", format, n, got[n], want[n])
			}
		}
	}
	// White and black without colour, blue and red where they belong.
	white, red, blue, black := want[0], want[5], want[6], want[7]
	if white.y < 170 || far(white.u, 128) || far(white.v, 128) || black.y > 20 || far(black.u, 128) || far(black.v, 128) ||
		red.v < 170 || red.u > 128 || blue.u < 170 || blue.v > 128 {
		t.Errorf("bars %v", want)
	}
}

func far(a, b byte) bool { return max(a, b)-min(a, b) > 6 }

// barsOf reads a picture of a format and measures its eight bars.
func barsOf(t *testing.T, device *v4l2.Device, format v4l2.PixelFormat, d decoder) (bars [8]bar) {
	t.Helper()
	if _, err := device.SetFormat(format, capture.Size{Width: 640, Height: 360}); err != nil {
		t.Fatal(err)
	}
	queue, err := device.Start(v4l2.QueueConfig{})
	if err != nil {
		t.Fatal(err)
	}
	defer queue.Close()
	buffer, err := queue.Next()
	if err != nil {
		t.Fatal(err)
	}
	defer buffer.Release()
	var pool capture.FramePool
	f, err := d.decode(&pool, buffer)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Release()
	if err := f.Validate(); err != nil || f.Size != (capture.Size{Width: 640, Height: 360}) || time.Since(f.Time) > time.Minute {
		t.Errorf("%v: frame of %v taken at %v: %v", format, f.Size, f.Time, err)
	}
	// Below the text that vivid writes at the top.
	row := f.Height * 3 / 4
	for n := range bars {
		column := (2*n + 1) * f.Width / 16
		bars[n] = bar{
			y: f.Y[row*f.YStride+column],
			u: f.U[row/2*f.UVStride+column/2],
			v: f.V[row/2*f.UVStride+column/2],
		}
	}
	return bars
}
