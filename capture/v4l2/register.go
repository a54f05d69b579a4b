package v4l2

import (
	"fmt"

	"github.com/pion/mediadevices/pkg/driver"
)

// Register adds a driver for each of this machine's cameras to mediadevices'
// registry. Cameras that need a media pipeline are left out, as opening them
// alone gives nothing.
func Register() error {
	nodes, err := List()
	if err != nil {
		return fmt.Errorf("list cameras: %w", err)
	}
	for _, n := range nodes {
		if n.NeedsPipeline {
			continue
		}
		if err := driver.GetManager().Register(NewDriver(n), n.DriverInfo()); err != nil {
			return fmt.Errorf("register camera %s: %w", n.Path, err)
		}
	}
	return nil
}
