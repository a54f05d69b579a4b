package main

import (
	"bytes"
	"errors"
	"image"
	stdjpeg "image/jpeg"
	"strings"
	"testing"
	"time"

	"github.com/pushcam/pushcam/capture"
	"github.com/pushcam/pushcam/capture/jpeg"
	"github.com/pushcam/pushcam/capture/v4l2"
	"github.com/pushcam/pushcam/capture/yuv"
)

// fakeRaw is a picture as a device delivers it.
type fakeRaw struct {
	image.Image
	format v4l2.Format
	bytes  []byte
	planes []v4l2.Plane
}

var taken = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

func (r fakeRaw) Format() v4l2.Format  { return r.format }
func (r fakeRaw) Bytes() []byte        { return r.bytes }
func (r fakeRaw) Planes() []v4l2.Plane { return r.planes }
func (r fakeRaw) Time() time.Time      { return taken }

// flat is a picture of one color, Y 235, U 30, V 200.
func flat(p v4l2.PixelFormat, size capture.Size, order ...[]byte) fakeRaw {
	r := fakeRaw{format: v4l2.Format{PixelFormat: p, Size: size}}
	for _, pixel := range order {
		r.planes = append(r.planes, v4l2.Plane{Pix: bytes.Repeat(pixel, size.Pixels()), Stride: size.Width * len(pixel) / max(1, len(pixel)/2)})
	}
	return r
}

func TestDecode(t *testing.T) {
	y, u, v := []byte{235}, []byte{30}, []byte{200}
	size := capture.Size{Width: 64, Height: 48}
	full := flat(v4l2.I420, size, []byte{255}, u, v)
	full.format.FullRange = true
	var picture bytes.Buffer
	if err := stdjpeg.Encode(&picture, image.NewYCbCr(image.Rect(0, 0, 64, 48), image.YCbCrSubsampleRatio422), nil); err != nil {
		t.Fatal(err)
	}
	mjpeg := fakeRaw{format: v4l2.Format{PixelFormat: v4l2.MJPEG, Size: size}, bytes: picture.Bytes()}
	torn := mjpeg
	torn.bytes = torn.bytes[:len(torn.bytes)/2]
	short := flat(v4l2.YUYV, size, []byte{235, 30, 235, 200})
	short.planes[0].Pix = short.planes[0].Pix[:1000]
	for name, tt := range map[string]struct {
		raw     image.Image
		luma    byte
		err     error
		isFinal bool
	}{
		"YUYV":           {raw: flat(v4l2.YUYV, size, []byte{235, 30, 235, 200}), luma: 235},
		"UYVY":           {raw: flat(v4l2.UYVY, size, []byte{30, 235, 200, 235}), luma: 235},
		"NV12":           {raw: flat(v4l2.NV12, size, y, []byte{30, 200}), luma: 235},
		"NV21M":          {raw: flat(v4l2.NV21M, size, y, []byte{200, 30}), luma: 235},
		"YV12":           {raw: flat(v4l2.YV12, size, y, u, v), luma: 235},
		"GREY":           {raw: flat(v4l2.GREY, size, y), luma: 235},
		"odd size":       {raw: flat(v4l2.I420, capture.Size{Width: 65, Height: 49}, y, u, v), luma: 235},
		"full range":     {raw: full, luma: 235},
		"MJPEG":          {raw: mjpeg, luma: 16},
		"MJPEG, torn":    {raw: torn, err: jpeg.ErrCorrupt},
		"YUYV, short":    {raw: short, err: yuv.ErrShort},
		"unknown format": {raw: flat(v4l2.H264, size, y), isFinal: true},
		"not V4L2's":     {raw: image.NewGray(image.Rect(0, 0, 64, 48)), isFinal: true},
	} {
		t.Run(name, func(t *testing.T) {
			d := decoder{jpeg: jpeg.NewDecoder()}
			defer d.jpeg.Close()
			own, alone := d.original(tt.raw), d.undecoded(tt.raw)
			if isMJPEG := strings.HasPrefix(name, "MJPEG"); (own != nil) != isMJPEG || (alone != nil) != (name == "MJPEG") {
				t.Errorf("its JPEG: %d bytes; undecoded: %v", len(own), alone)
			}
			if alone != nil && (alone.Size != size || alone.Time != taken || !bytes.Equal(alone.JPEG, own)) {
				t.Errorf("undecoded: %v, taken %v, %d bytes", alone.Size, alone.Time, len(alone.JPEG))
			}
			f, err := d.decode(new(capture.FramePool), tt.raw)
			if tt.err != nil || tt.isFinal {
				if err == nil || !errors.Is(err, tt.err) && tt.err != nil || isFinal(err) != tt.isFinal {
					t.Errorf("got %v, final %t", err, isFinal(err))
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			defer f.Release()
			if f.Size != size || f.Y[0] != tt.luma || f.Y[len(f.Y)-1] != tt.luma || f.Time != taken {
				t.Errorf("frame of %v with luma %d to %d, taken %v", f.Size, f.Y[0], f.Y[len(f.Y)-1], f.Time)
			}
			if grey := name == "GREY"; !grey && name != "MJPEG" && name != "full range" && (f.U[0] != 30 || f.V[0] != 200) {
				t.Errorf("chroma %d and %d", f.U[0], f.V[0])
			}
		})
	}
}
