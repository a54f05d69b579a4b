package camera

import (
	"cmp"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pion/mediadevices/pkg/driver"

	"github.com/pushcam/pushcam/capture"
)

// Device is a camera as it was when the system was asked.
type Device struct {
	// Name is stable: it survives a restart and a change of the device's
	// number. On Linux it is the name in /dev/v4l/by-id, or the one in
	// by-path for a camera without identity, or "video0" where udev made
	// neither; on macOS the unique id.
	Name string
	// Path is the device node, "" where there are none.
	Path string
	// Title is what its maker calls it. It need not be unique.
	Title string
	// Bus is where it is connected, "" when the system does not say.
	Bus string
	// Index is its place in List.
	Index int
	// Modes are those that pushcam can use, best first: by area, then rate,
	// then cost.
	Modes []capture.Mode
	// Err is why it has no Modes: no permission, or in use.
	Err error
}

// List returns the cameras of this machine: those on USB first, by Name, as
// that order survives a restart; then the others (platform devices, of which a
// Raspberry Pi has several that need more than opening), by number. Nodes
// that deliver no pictures, like the metadata node beside each UVC camera, are
// left out.
func List(s System) ([]Device, error) {
	found, err := s.scan()
	if err != nil {
		return nil, err
	}
	devices := make([]Device, len(found))
	for i, f := range found {
		devices[i] = f.Device
	}
	return devices, nil
}

// String names the device as a person would look for it.
func (d Device) String() string {
	where := d.Name
	if d.Path != "" && filepath.Base(d.Path) != d.Name {
		where = d.Path + ", " + d.Name
	} else if d.Path != "" {
		where = d.Path
	}
	return fmt.Sprintf("%q (%s)", d.Title, where)
}

// describe reads what mediadevices writes into a driver's Info. On Linux that
// is "NAME;videoN" and "card;bus", elsewhere the id and the title.
func describe(info driver.Info) Device {
	d := Device{Name: info.Label, Title: info.Name}
	name, node, ok := cutLast(info.Label, labelSeparator)
	if !ok {
		d.Title = cmp.Or(d.Title, d.Name)
		return d
	}
	d.Name, d.Path = name, "/dev/"+node
	if title, bus, ok := cutLast(info.Name, labelSeparator); ok {
		d.Title, d.Bus = title, bus
	}
	// The card's name is empty when nobody may open the device.
	d.Title = cmp.Or(d.Title, d.Name)
	return d
}

func cutLast(s, sep string) (before, after string, found bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(sep):], true
}

// compareDevices is List's order.
func compareDevices(a, b Device) int {
	rank := func(d Device) int {
		if strings.HasPrefix(d.Bus, "usb-") || strings.HasPrefix(d.Name, "usb-") || d.Path == "" {
			return 0
		}
		return 1
	}
	if c := cmp.Compare(rank(a), rank(b)); c != 0 {
		return c
	}
	if rank(a) == 0 {
		if c := cmp.Compare(a.Name, b.Name); c != 0 {
			return c
		}
	}
	// Shorter first: video2 comes before video10.
	return cmp.Or(cmp.Compare(len(a.Path), len(b.Path)), cmp.Compare(a.Path, b.Path), cmp.Compare(a.Name, b.Name))
}

// isProcessor tells the nodes by which a Raspberry Pi's ISP and codecs take
// part in a pipeline: they list formats like a camera and wait for ever.
func isProcessor(d Device) bool {
	return slices.ContainsFunc([]string{"bcm2835-isp", "bcm2835-codec", "pispbe"}, func(s string) bool {
		return strings.HasPrefix(d.Title, s) || strings.HasPrefix(d.Bus, "platform:"+s)
	})
}
