//go:build cgo && (linux || darwin)

package camera

import (
	"github.com/pion/mediadevices/pkg/driver"
	"github.com/pion/mediadevices/pkg/driver/camera"
)

// labelSeparator joins the two halves of a driver's Label and Name.
const labelSeparator = camera.LabelSeparator

func rescan() error {
	// On Linux Initialize does this itself, on macOS it adds every camera
	// once more.
	manager := driver.GetManager()
	for _, d := range manager.Query(isCamera()) {
		manager.Delete(d.ID())
	}
	camera.Initialize()
	return nil
}
