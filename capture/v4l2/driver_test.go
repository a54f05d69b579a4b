package v4l2

import (
	"errors"
	"image/color"
	"testing"
	"testing/synctest"

	"github.com/pion/mediadevices/pkg/driver"
	"github.com/pion/mediadevices/pkg/frame"
	"github.com/pion/mediadevices/pkg/prop"

	"github.com/pushcam/pushcam/capture"
)

func TestDriver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(discrete(MJPEG, 1280, 720), discrete(NV12, 640, 480), fakeFormat{pixelFormat: 0x5a5a5a5a, sizes: f480()})
		machine := f.system(t)
		adapter := &Driver{open: func() (*Device, error) { return machine.device("/dev/video0") }}
		manager := driver.GetManager()
		info := Node{Path: "/dev/video7", ByID: "usb-ACME_Webcam-video-index0", Card: "ACME Webcam", Bus: "usb-1"}.DriverInfo()
		if err := manager.Register(adapter, info); err != nil {
			t.Fatal(err)
		}
		registered := manager.Query(driver.FilterVideoRecorder())[0]
		defer manager.Delete(registered.ID())
		if got := registered.Info(); got.Label != "usb-ACME_Webcam-video-index0;video7" || got.Name != "ACME Webcam;usb-1" || got.DeviceType != driver.Camera {
			t.Errorf("info %+v", got)
		}
		record := registered.(driver.VideoRecorder).VideoRecord
		if _, err := adapter.VideoRecord(prop.Media{}); !errors.Is(err, ErrClosed) {
			t.Errorf("VideoRecord of a closed driver: %v", err)
		}
		for range 3 {
			if err := registered.Open(); err != nil {
				t.Fatal(err)
			}
			var formats []frame.Format
			for _, p := range registered.Properties() {
				formats = append(formats, p.FrameFormat)
			}
			if len(formats) != 5 || formats[0] != frame.FormatMJPEG || formats[2] != frame.FormatNV12 || formats[4] != "ZZZZ" {
				t.Errorf("formats %v", formats)
			}
			r, err := record(prop.Media{Video: prop.Video{Width: 640, Height: 480, FrameRate: 15, FrameFormat: frame.FormatNV12}})
			if err != nil {
				t.Fatal(err)
			}
			if f.interval != (Interval{1, 15}) {
				t.Errorf("interval %v", f.interval)
			}
			img, release, err := r.Read()
			if err != nil {
				t.Fatal(err)
			}
			if b, ok := img.(*Buffer); !ok || b.Format().PixelFormat != NV12 || img.Bounds().Dx() != 640 || img.Bounds().Dy() != 480 {
				t.Errorf("image %T of %v", img, img.Bounds())
			}
			release()
			for range 2 {
				if err := registered.Close(); err != nil {
					t.Errorf("Close: %v", err)
				}
			}
			if _, _, err := r.Read(); !errors.Is(err, ErrClosed) {
				t.Errorf("Read after Close: %v", err)
			}
			f.check(t)
		}
		if err := registered.Open(); err != nil {
			t.Fatal(err)
		}
		if _, err := record(prop.Media{Video: prop.Video{FrameFormat: "I444"}}); err == nil {
			t.Error("VideoRecord of a format that it has not: no error")
		}
		f.check(t) // mediadevices closes what fails
	})
}

func TestImage(t *testing.T) {
	for _, tt := range []struct {
		format PixelFormat
		memory []byte // of 4x2 pixels
		want   [2]color.YCbCr
	}{
		{YUYV, []byte{1, 100, 2, 200, 3, 101, 4, 201, 5, 102, 6, 202, 7, 103, 8, 203}, [2]color.YCbCr{{Y: 2, Cb: 100, Cr: 200}, {Y: 8, Cb: 103, Cr: 203}}},
		{UYVY, []byte{100, 1, 200, 2, 101, 3, 201, 4, 102, 5, 202, 6, 103, 7, 203, 8}, [2]color.YCbCr{{Y: 2, Cb: 100, Cr: 200}, {Y: 8, Cb: 103, Cr: 203}}},
		{GREY, []byte{1, 2, 3, 4, 5, 6, 7, 8}, [2]color.YCbCr{{Y: 2, Cb: 128, Cr: 128}, {Y: 8, Cb: 128, Cr: 128}}},
		{NV12, []byte{1, 2, 3, 4, 5, 6, 7, 8, 100, 200, 101, 201}, [2]color.YCbCr{{Y: 2, Cb: 100, Cr: 200}, {Y: 8, Cb: 101, Cr: 201}}},
		{NV21, []byte{1, 2, 3, 4, 5, 6, 7, 8, 200, 100, 201, 101}, [2]color.YCbCr{{Y: 2, Cb: 100, Cr: 200}, {Y: 8, Cb: 101, Cr: 201}}},
		{I420, []byte{1, 2, 3, 4, 5, 6, 7, 8, 100, 101, 200, 201}, [2]color.YCbCr{{Y: 2, Cb: 100, Cr: 200}, {Y: 8, Cb: 101, Cr: 201}}},
		{YV12, []byte{1, 2, 3, 4, 5, 6, 7, 8, 200, 201, 100, 101}, [2]color.YCbCr{{Y: 2, Cb: 100, Cr: 200}, {Y: 8, Cb: 101, Cr: 201}}},
		{MJPEG, []byte{0xff, 0xd8}, [2]color.YCbCr{{Y: 128, Cb: 128, Cr: 128}, {Y: 128, Cb: 128, Cr: 128}}},
	} {
		q := &Queue{device: &Device{kind: bufferCapture}, format: Format{PixelFormat: tt.format, Memory: []Memory{{Size: len(tt.memory)}}}}
		q.format.Width, q.format.Height = 4, 2
		var err error
		if q.layout, err = q.format.layout(); err != nil {
			t.Fatal(err)
		}
		b := &Buffer{queue: q, memory: [][]byte{tt.memory}}
		if !b.fill(&bufferDescription{bytesUsed: uint32(len(tt.memory))}, nil) {
			t.Fatalf("%v: not filled", tt.format)
		}
		if got := [2]color.YCbCr{b.At(1, 0).(color.YCbCr), b.At(3, 1).(color.YCbCr)}; got != tt.want {
			t.Errorf("%v: pixels %v, want %v", tt.format, got, tt.want)
		}
		b.At(-1, 0)
		b.At(4, 2)
	}
}

func f480() []capture.Size { return []capture.Size{{Width: 640, Height: 480}} }
