package camera

import (
	"fmt"
	"path/filepath"
	"slices"
)

// pick stays with the device that was opened last, wherever it is now, so that
// "auto", an index or a part of a name does not switch cameras when one more
// is plugged in, or this one is pulled out. A path is taken at its word.
func (c *Camera) pick(all []found) (found, error) {
	devices := make([]Device, len(all))
	for i, f := range all {
		devices[i] = f.Device
	}
	c.mu.Lock()
	last := c.last
	c.mu.Unlock()
	if last.Name != "" && len(all) > 0 && !isPath(c.cfg.Device) {
		i := slices.IndexFunc(devices, last.is)
		switch {
		case i >= 0 && (devices[i].Err == nil || c.cfg.Device != Any):
			return all[i], nil
		case c.cfg.Device != Any:
			return found{}, fmt.Errorf("%q (%s) is not connected: reconnect it, or take another one with --source any: there is %s",
				last.Title, last.Name, enumerate(devices))
		}
	}
	d, err := Select(devices, c.cfg.Device)
	if err != nil {
		return found{}, err
	}
	return all[d.Index], nil
}

// is reports whether two devices, found at different times, are one camera.
func (d Device) is(other Device) bool { return d.identity() == other.identity() }

// identity is the Name, if it is stable. Where there is no udev, as in most
// containers, it is only the node's number, which the next camera may get:
// there it is what the camera is and where.
func (d Device) identity() string {
	if d.Path != "" && d.Name == filepath.Base(d.Path) && d.Bus != "" {
		return d.Title + " at " + d.Bus
	}
	return d.Name
}
