//go:build cgo

package camera

import (
	"github.com/pion/mediadevices/pkg/driver/camera"
)

// Native is the system's cameras as mediadevices itself reads them.
func Native() System {
	return System{Register: func() error {
		camera.Initialize()
		return nil
	}}
}
