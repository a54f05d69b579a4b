package main

import (
	"slices"
	"testing"

	"github.com/pushcam/pushcam/capture"
	"github.com/pushcam/pushcam/capture/camera"
)

func TestServedCodec(t *testing.T) {
	for text, want := range map[string]struct {
		allowed []capture.Codec
		coded   camera.Coded
	}{
		"auto":        {capture.Codecs(), camera.CodedIfNeeded},
		"h264":        {[]capture.Codec{capture.H264}, camera.CodedIfNeeded},
		"VP8":         {[]capture.Codec{capture.VP8}, camera.CodedNever},
		"passthrough": {[]capture.Codec{capture.H264}, camera.CodedOnly},
	} {
		c := mustParse[*serveConfig](t, []string{"--codec", text}, nil)
		if got := c.Codec.allowed(); !slices.Equal(got, want.allowed) {
			t.Errorf("%s: allowed %v, want %v", text, got, want.allowed)
		}
		if got := c.wish(); got.Coded != want.coded || got.Size != c.Size || got.FrameRate != c.FPS {
			t.Errorf("%s: wish %+v, want coded %v", text, got, want.coded)
		}
	}
}
