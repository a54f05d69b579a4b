package main

import (
	"strings"

	"github.com/pushcam/pushcam/capture"
	"github.com/pushcam/pushcam/capture/camera"
)

// servedCodec is the codec to serve.
type servedCodec struct {
	codecChoice
	// Passthrough: H.264 as the camera itself encodes it.
	Passthrough bool
}

// UnmarshalText reads auto, h264, vp8 or passthrough.
func (c *servedCodec) UnmarshalText(text []byte) error {
	if c.Passthrough = strings.EqualFold(string(text), "passthrough"); c.Passthrough {
		c.Codec = capture.H264
		return nil
	}
	if c.codecChoice.UnmarshalText(text) != nil {
		return wrong(text, "auto, h264, vp8 or passthrough")
	}
	return nil
}

// wish is the mode to ask of a camera.
func (c *serveConfig) wish() camera.Wish {
	w := camera.Wish{Size: c.Size, FrameRate: c.FPS}
	switch {
	case c.Codec.Passthrough:
		w.Coded = camera.CodedOnly
	case c.Codec.Codec == capture.VP8:
		w.Coded = camera.CodedNever
	}
	return w
}
