//go:build !linux

package main

import (
	"context"

	"github.com/pushcam/pushcam/capture/camera"
)

// cameras are the system's own, as mediadevices reads them.
func cameras() camera.System { return camera.Native() }

// watchCameras has no way to know here: a camera that comes back is found by
// the attempts to open it.
func watchCameras(ctx context.Context, _ func()) error {
	<-ctx.Done()
	return nil
}
