package main

import (
	"fmt"
	"image"
	"time"

	"github.com/pushcam/pushcam/capture"
	"github.com/pushcam/pushcam/capture/h264"
	"github.com/pushcam/pushcam/capture/v4l2"
)

// codedRaw is a *v4l2.Buffer of a camera that encodes by itself.
type codedRaw interface {
	raw
	Sequence() uint32
	KeyframeRequest() func() error
}

// codedStream makes coded Frames of one opened camera's buffers. One goroutine
// uses it.
type codedStream struct {
	buffers h264.Buffers
	stream  h264.Stream
	began   bool
	last    uint32 // the driver's sequence
}

// codedDecoder implements camera.System's Coded.
func codedDecoder() func(image.Image) ([]*capture.Frame, error) { return new(codedStream).frames }

func (c *codedStream) frames(img image.Image) ([]*capture.Frame, error) {
	b, ok := img.(codedRaw)
	if !ok {
		return nil, fmt.Errorf("picture of type %T: want a V4L2 buffer", img)
	}
	format := b.Format()
	if format.PixelFormat != v4l2.H264 {
		return nil, fmt.Errorf("the driver delivers %v, want %v", format, v4l2.H264)
	}
	if !c.began {
		c.began = true
		c.stream.Size, c.stream.RequestKeyframe = format.Size, b.KeyframeRequest()
	} else if n := b.Sequence(); n != c.last+1 && n != c.last { // drivers exist that do not count
		c.buffers.Lost()
		c.stream.Lost()
	}
	c.last = b.Sequence()
	var units [][]byte
	if c.buffers.Add(b.Bytes(), func(unit []byte) { units = append(units, unit) }) {
		c.stream.Lost()
	}
	var frames []*capture.Frame
	for i, unit := range units {
		// Viewers tell pictures apart by their time.
		if f := c.stream.Frame(unit, b.Time().Add(time.Duration(i)*time.Millisecond)); f != nil {
			frames = append(frames, f)
		}
	}
	return frames, nil
}
