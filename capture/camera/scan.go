package camera

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"sync"
	"syscall"

	"github.com/pion/mediadevices/pkg/driver"
)

// registryMu guards mediadevices' registry of drivers, of which a process has
// one: a rescan empties it and fills it with new drivers.
var registryMu sync.Mutex

// found is a Device with its driver, which is closed and belongs to who
// called scan: the next scan makes new ones.
type found struct {
	Device
	driver driver.Driver
}

// scan asks the system for its cameras and each of them for its modes.
func (s System) scan() ([]found, error) {
	drivers, err := s.drivers()
	if err != nil {
		return nil, fmt.Errorf("list cameras: %w", err)
	}
	var all []found
	for _, d := range drivers {
		f := found{Device: describe(d.Info()), driver: d}
		if isProcessor(f.Device) {
			continue
		}
		if err := f.readModes(); err != nil {
			if !worthShowing(err) {
				continue
			}
			f.Err = err
		}
		// Without modes and without an error it delivers something else:
		// metadata, radio, depth.
		if len(f.Modes) > 0 || f.Err != nil {
			all = append(all, f)
		}
	}
	slices.SortFunc(all, func(a, b found) int { return compareDevices(a.Device, b.Device) })
	for i := range all {
		all[i].Index = i
	}
	return all, nil
}

func (s System) drivers() ([]driver.Driver, error) {
	registryMu.Lock()
	defer registryMu.Unlock()
	manager := driver.GetManager()
	for _, d := range manager.Query(isCamera()) {
		manager.Delete(d.ID())
	}
	if err := s.Register(); err != nil {
		return nil, err
	}
	return manager.Query(isCamera()), nil
}

func isCamera() driver.FilterFn {
	return driver.FilterAnd(driver.FilterVideoRecorder(), driver.FilterDeviceType(driver.Camera))
}

// readModes opens the driver for as long as it takes to ask.
func (f *found) readModes() error {
	if err := f.driver.Open(); err != nil {
		return err
	}
	f.Modes = modesOf(f.driver.Properties())
	return f.driver.Close()
}

// worthShowing tells a camera that somebody may want to use from a node that
// is no camera, or is gone already.
func worthShowing(err error) bool {
	return errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EBUSY)
}
