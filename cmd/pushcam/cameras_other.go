//go:build !linux

package main

import "github.com/pushcam/pushcam/capture/camera"

// cameras are the system's own, as mediadevices reads them.
func cameras() camera.System { return camera.Native() }
