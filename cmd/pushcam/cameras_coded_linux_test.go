package main

import (
	"bytes"
	"errors"
	"image"
	"slices"
	"testing"

	"github.com/pushcam/pushcam/capture"
	"github.com/pushcam/pushcam/capture/capturetest"
	"github.com/pushcam/pushcam/capture/v4l2"
)

// fakeCoded is a buffer of a camera that encodes by itself.
type fakeCoded struct {
	fakeRaw
	sequence uint32
	request  func() error
}

func (c fakeCoded) Sequence() uint32              { return c.sequence }
func (c fakeCoded) KeyframeRequest() func() error { return c.request }

func TestCodedDecoder(t *testing.T) {
	size := capture.Size{Width: 64, Height: 48}
	scene := capturetest.NewCodedScene(t, size)
	key, delta := scene.Key().Coded.Payload, scene.Delta().Coded.Payload
	asked := errors.New("asked")
	decode := codedDecoder()
	buffer := func(sequence uint32, data ...[]byte) fakeCoded {
		return fakeCoded{
			fakeRaw:  fakeRaw{format: v4l2.Format{PixelFormat: v4l2.H264, Size: capture.Size{Width: 32, Height: 32}}, bytes: slices.Concat(data...)},
			sequence: sequence, request: func() error { return asked },
		}
	}
	var all []*capture.Frame
	for i, step := range []struct {
		buffer fakeCoded
		frames int
	}{
		{buffer(7, delta), 1}, // of the size that the driver says
		{buffer(8, key), 1},
		{buffer(9, delta, delta), 2},
		{buffer(12, delta), 1}, // behind a hole
		{buffer(13, make([]byte, 100), key, make([]byte, 100)), 1},
		{buffer(13, delta), 1}, // a driver that does not count
		{buffer(14), 0},
		{buffer(15, []byte{1, 2, 3}), 0}, // so it cuts pictures, and the next are complete when another begins
		{buffer(16, delta[:20]), 0},
		{buffer(17, delta[20:]), 0},
		{buffer(18, key), 1},
	} {
		frames, err := decode(step.buffer)
		if err != nil || len(frames) != step.frames {
			t.Fatalf("step %d: %d frames, %v, want %d", i, len(frames), err, step.frames)
		}
		clear(step.buffer.bytes) // it is the driver's again
		all = append(all, frames...)
	}
	want := []struct {
		payload  []byte
		sequence uint64
		width    int
	}{
		{delta, 1, 32}, {key, 2, 64}, {delta, 3, 64}, {delta, 4, 64}, {delta, 6, 64}, {key, 7, 64}, {delta, 8, 64}, {delta, 10, 64},
	}
	if len(all) != len(want) {
		t.Fatalf("%d frames, want %d", len(all), len(want))
	}
	for i, f := range all {
		if c := f.Coded; !bytes.Equal(trimZeros(c.Payload), trimZeros(want[i].payload)) || c.Sequence != want[i].sequence || f.Width != want[i].width || !errors.Is(c.RequestKeyframe(), asked) {
			t.Errorf("frame %d: %d bytes of %d, sequence %d of %d, %v", i, len(c.Payload), len(want[i].payload), c.Sequence, want[i].sequence, f.Size)
		}
	}
	if a, b := all[2].Time, all[3].Time; !a.Equal(taken) || !b.After(a) {
		t.Errorf("two pictures of one buffer, taken %v, at %v and %v", taken, a, b)
	}
	for name, img := range map[string]image.Image{
		"another format": fakeCoded{fakeRaw: fakeRaw{format: v4l2.Format{PixelFormat: v4l2.MJPEG, Size: size}}},
		"not V4L2's":     image.NewGray(image.Rect(0, 0, 64, 48)),
	} {
		if frames, err := decode(img); err == nil || len(frames) > 0 {
			t.Errorf("%s: %d frames, %v", name, len(frames), err)
		}
	}
}

// trimZeros forgets how long the start code is.
func trimZeros(b []byte) []byte { return bytes.TrimLeft(b, "\x00") }
