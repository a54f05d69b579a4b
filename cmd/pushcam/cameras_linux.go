package main

import (
	"context"
	"errors"
	"fmt"
	"image"
	"time"

	"github.com/pushcam/pushcam/capture"
	"github.com/pushcam/pushcam/capture/camera"
	"github.com/pushcam/pushcam/capture/jpeg"
	"github.com/pushcam/pushcam/capture/v4l2"
	"github.com/pushcam/pushcam/capture/yuv"
)

// cameras are Linux's, through our own V4L2 device. The decoder of its JPEGs
// lives as long as the process.
func cameras() camera.System {
	d := decoder{jpeg: jpeg.NewDecoder()}
	return camera.System{Register: v4l2.Register, Decode: d.decode, JPEG: d.original, Undecoded: d.undecoded, Coded: codedDecoder, Final: isFinal, Controls: openControls}
}

// jpegs decodes what comes from elsewhere, and tells errors that would come
// again with the next picture. The decoder lives as long as the process.
func jpegs() (decode func(*capture.FramePool, []byte) (*capture.Frame, error), final func(error) bool) {
	return jpeg.NewDecoder().Decode, isFinal
}

// watchCameras calls changed when a camera may have come, until ctx is done.
func watchCameras(ctx context.Context, changed func()) error { return v4l2.Watch(ctx, changed) }

// isFinal: the device skips what it knows to be broken itself, so all that is
// left is a picture that turns out to be when it is decoded.
func isFinal(err error) bool {
	return !errors.Is(err, jpeg.ErrCorrupt) && !errors.Is(err, yuv.ErrShort)
}

// decoder makes Frames of the device's buffers. One goroutine uses it.
type decoder struct{ jpeg *jpeg.Decoder }

// raw is a *v4l2.Buffer.
type raw interface {
	Format() v4l2.Format
	Bytes() []byte
	Planes() []v4l2.Plane
	Time() time.Time
}

func (d decoder) decode(pool *capture.FramePool, img image.Image) (*capture.Frame, error) {
	b, ok := img.(raw)
	if !ok {
		return nil, fmt.Errorf("picture of type %T: want a V4L2 buffer", img)
	}
	f, err := d.frame(pool, b)
	if err != nil {
		return nil, err
	}
	f.Time = b.Time()
	return f, nil
}

// original copies the camera's own JPEG: its memory is the driver's.
func (decoder) original(img image.Image) []byte {
	b, ok := img.(raw)
	if !ok || !isJPEG(b.Format()) {
		return nil
	}
	return jpeg.Standalone(b.Bytes())
}

// undecoded is a Frame of the camera's own JPEG alone.
func (decoder) undecoded(img image.Image) *capture.Frame {
	b, ok := img.(raw)
	if !ok || !isJPEG(b.Format()) {
		return nil
	}
	f := jpeg.Undecoded(b.Bytes())
	if f != nil {
		f.Time = b.Time()
	}
	return f
}

func isJPEG(f v4l2.Format) bool { return f.PixelFormat == v4l2.MJPEG || f.PixelFormat == v4l2.JPEG }

func (d decoder) frame(pool *capture.FramePool, b raw) (*capture.Frame, error) {
	format := b.Format()
	if isJPEG(format) {
		return d.jpeg.Decode(pool, b.Bytes())
	}
	// An odd last row or column is left out: 4:2:0 cannot hold it.
	p := yuv.Picture{Format: rawFormat(format.PixelFormat), Size: capture.Size{Width: format.Width &^ 1, Height: format.Height &^ 1}}
	for i, plane := range b.Planes() {
		p.Planes[i] = yuv.Plane(plane)
	}
	f := pool.Get(p.Size)
	if err := yuv.Convert(f, p); err != nil {
		f.Release()
		return nil, err
	}
	if format.FullRange {
		capture.LimitLuma(f.Y)
		capture.LimitChroma(f.U)
		capture.LimitChroma(f.V)
	}
	return f, nil
}

// rawFormat is the layout of the buffer's planes, which are in the order Y, U,
// V whatever their order in memory is.
func rawFormat(p v4l2.PixelFormat) yuv.Format {
	switch p {
	case v4l2.YUYV:
		return yuv.YUYV
	case v4l2.UYVY:
		return yuv.UYVY
	case v4l2.GREY:
		return yuv.GREY
	case v4l2.NV12, v4l2.NV12M:
		return yuv.NV12
	case v4l2.NV21, v4l2.NV21M:
		return yuv.NV21
	case v4l2.I420, v4l2.I420M, v4l2.YV12, v4l2.YV12M:
		return yuv.I420
	case v4l2.MJPEG, v4l2.JPEG, v4l2.H264, v4l2.HEVC, v4l2.VP8: // not raw: refused
	}
	return yuv.Format(p.String())
}
