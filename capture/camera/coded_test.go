package camera

import (
	"errors"
	"image"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pion/mediadevices/pkg/frame"
	"github.com/pion/mediadevices/pkg/prop"

	"github.com/pushcam/pushcam/capture"
)

func TestChooseCoded(t *testing.T) {
	// What a camera with an encoder offers: the bus is too slow for the rest.
	encoding := modes(
		mode(1920, 1080, 30, codedFormat), mode(1920, 1080, 5, frame.FormatYUYV),
		mode(1280, 720, 30, codedFormat), mode(1280, 720, 30, frame.FormatMJPEG), mode(1280, 720, 10, frame.FormatYUYV),
	)
	alone := modes(mode(1280, 720, 30, codedFormat), mode(640, 360, 30, codedFormat))
	full := wish(1920, 1080, 30)
	for _, tt := range []struct {
		name   string
		modes  []capture.Mode
		wish   Wish
		coded  Coded
		want   capture.Mode
		reason string // or the error, when want is zero
	}{
		{"another format does", encoding, wish(1280, 720, 30), CodedIfNeeded, mode(1280, 720, 30, frame.FormatMJPEG), "MJPEG: the only format"},
		{"it alone reaches the rate", encoding, full, CodedIfNeeded, mode(1920, 1080, 30, codedFormat),
			"1920x1080 as asked, 30 fps as asked, H264: encoded by the camera, as no other format reaches 1920x1080 at 30 fps"},
		{"neither reaches the rate", encoding, wish(1920, 1080, 60), CodedIfNeeded, mode(1920, 1080, 5, frame.FormatYUYV), "YUYV"},
		{"neither reaches the size", encoding, wish(2560, 1440, 30), CodedIfNeeded, mode(1920, 1080, 5, frame.FormatYUYV), "YUYV"},
		{"nothing else", alone, wish(640, 480, 15), CodedIfNeeded, mode(640, 360, 30, codedFormat), "its only format"},
		{"asked for", encoding, wish(1280, 720, 30), CodedOnly, mode(1280, 720, 30, codedFormat), "encoded by the camera, as asked"},
		{"asked for in vain", webcam, Wish{}, CodedOnly, capture.Mode{}, "start without --codec passthrough"},
		{"not wanted", encoding, full, CodedNever, mode(1920, 1080, 5, frame.FormatYUYV), "YUYV"},
		{"not wanted in vain", alone, full, CodedNever, capture.Mode{}, "start with --codec h264"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tt.wish.Coded = tt.coded
			got, err := Choose(tt.modes, tt.wish)
			reason := got.Reason
			if err != nil {
				reason = err.Error()
			}
			if got.Mode != tt.want || (err != nil) != (tt.want == capture.Mode{}) || !strings.Contains(reason, tt.reason) {
				t.Errorf("got %v, %q", got.Mode, reason)
			}
		})
	}
}

// TestReadCoded: what a driver delivers need not be one picture.
func TestReadCoded(t *testing.T) {
	size := capture.Size{Width: 64, Height: 48}
	pictures := []int{1, 0, 3, -1, 0, 0, 1} // of each delivery; -1: a broken one
	delivered, count := 0, 0
	system := System{Coded: func() func(image.Image) ([]*capture.Frame, error) {
		return func(image.Image) ([]*capture.Frame, error) {
			n := pictures[delivered%len(pictures)]
			delivered++
			if n < 0 {
				return nil, errors.New("torn")
			}
			var frames []*capture.Frame
			for range n {
				count++
				frames = append(frames, capture.NewCodedFrame(size, &capture.Coded{Codec: capture.H264, Sequence: uint64(count)}, time.Now()))
			}
			return frames, nil
		}
	}}
	d := newFake()
	d.properties = []prop.Media{media(mode(64, 48, 30, codedFormat))}
	synctest.Test(t, func(t *testing.T) {
		system.Register = plugged(t, d).Register
		c := New(Config{System: system})
		r, err := c.Open(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for want := uint64(1); want < 12; want++ {
			f, err := r.Read()
			if err != nil || f.Coded == nil || f.Coded.Sequence != want || f.Size != size {
				t.Fatalf("picture %d: %v, %v", want, f, err)
			}
			f.Release()
		}
		if c.Skipped() == 0 {
			t.Error("broken pictures are not counted")
		}
		pictures = []int{0}
		begun := time.Now()
		for err == nil {
			_, err = r.Read()
		}
		if passed := time.Since(begun); !strings.Contains(err.Error(), "no whole one") || passed > time.Minute {
			t.Errorf("pieces only: %v, after %v", err, passed)
		}
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
}
