package main

import (
	"slices"
	"testing"

	"github.com/pushcam/pushcam/capture"
)

func TestExpectedProfiles(t *testing.T) {
	mode := func(width, height int, rate float64, format string) capture.Mode {
		return capture.Mode{Size: capture.Size{Width: width, Height: height}, FrameRate: rate, Format: format}
	}
	for _, tt := range []struct {
		name string
		args []string
		mode capture.Mode
		want []string
	}{
		{"nothing known", nil, capture.Mode{}, []string{"42e01f"}},
		{"as asked", []string{"--size", "1920x1080"}, capture.Mode{}, []string{"42e028"}},
		{"a camera with less than asked", []string{"--size", "1920x1080"}, mode(1280, 720, 30, "MJPEG"), []string{"42e01f"}},
		{"a camera with rates above all that was asked", nil, mode(1280, 720, 60, "MJPEG"), []string{"42e020"}},
		{"a camera that does not state its rate", nil, mode(1280, 720, 0, "MJPEG"), []string{"42e01f"}},
		{"a camera that encodes", nil, mode(1920, 1080, 30, "H264"), nil},
		{"a camera that is to encode, and is not there", []string{"--codec", "passthrough"}, capture.Mode{}, nil},
		{"a test pattern in its place", []string{"--codec", "passthrough"}, mode(1280, 720, 30, "I420"), []string{"42e01f"}},
	} {
		if got := expectedProfiles(mustParse[*serveConfig](t, tt.args, nil), tt.mode); !slices.Equal(got, tt.want) {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}
