package capturetest

import (
	"bytes"
	"image"
	"image/jpeg"
	"testing"
	"time"

	"github.com/pushcam/pushcam/capture"
)

// SceneJPEG is the first picture of a Scene as a webcam sends it: a JPEG of
// quality 80, 4:2:0.
func SceneJPEG(tb testing.TB, size capture.Size) []byte {
	tb.Helper()
	f := NewScene(size, 30, time.Unix(0, 0)).Frame(0, 0)
	defer f.Release()
	img := &image.YCbCr{
		Y: f.Y, Cb: f.U, Cr: f.V, YStride: f.YStride, CStride: f.UVStride,
		SubsampleRatio: image.YCbCrSubsampleRatio420, Rect: image.Rect(0, 0, size.Width, size.Height),
	}
	var data bytes.Buffer
	if err := jpeg.Encode(&data, img, &jpeg.Options{Quality: 80}); err != nil {
		tb.Fatal(err)
	}
	return data.Bytes()
}
