//go:build !linux

package main

import (
	"bytes"
	"context"
	"image/jpeg"

	"github.com/pushcam/pushcam/capture"
	"github.com/pushcam/pushcam/capture/camera"
)

// cameras are the system's own, as mediadevices reads them.
func cameras() camera.System { return camera.Native() }

// jpegs decodes what comes from elsewhere. No error would have to come again
// with the next picture.
func jpegs() (decode func(*capture.FramePool, []byte) (*capture.Frame, error), final func(error) bool) {
	return func(pool *capture.FramePool, data []byte) (*capture.Frame, error) {
		img, err := jpeg.Decode(bytes.NewReader(data))
		if err != nil {
			return nil, err
		}
		return camera.FromJPEG(pool, img)
	}, nil
}

// watchCameras has no way to know here: a camera that comes back is found by
// the attempts to open it.
func watchCameras(ctx context.Context, _ func()) error {
	<-ctx.Done()
	return nil
}
