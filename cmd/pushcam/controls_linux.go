package main

import (
	"errors"
	"fmt"

	"github.com/pushcam/pushcam/capture/camera"
	"github.com/pushcam/pushcam/capture/v4l2"
)

// openControls opens the camera's node once more, as the kernel document has it
// for panels that set controls while another reads pictures
// (userspace-api/media/v4l/open.html, "Multiple Opens"). The node may be
// another camera's by now.
func openControls(d camera.Device) (camera.Controls, error) {
	device, err := v4l2.Open(d.Path)
	if err != nil {
		return nil, err
	}
	if n := device.Node(); n.Card != "" && n.Card+";"+n.Bus != d.Title+";"+d.Bus {
		err := fmt.Errorf("open controls %s: another camera is there now: %q", d.Path, n.Card)
		return nil, errors.Join(err, device.Close())
	}
	return device, nil
}
