package camera

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// ErrNoCamera is what Select and Open return, wrapped, when there is no camera
// at all.
var ErrNoCamera = errors.New("no camera found: connect one; in a container, pass its device in (--device /dev/video0)")

// What does not name a camera.
const (
	// Auto selects the first camera that can be used. A Camera stays with the
	// one that it opened.
	Auto = "auto"
	// Any is Auto for a Camera that takes another one when its own is gone.
	Any = "any"
)

// Select picks one of List's devices by what a user said, which is, in this
// order: Auto, Any or nothing; a Name; a path, or a symbolic link to one; an Index;
// a node ("video2"); a Title; a part of exactly one Name or Title. Case does
// not matter in the last two. The error lists what there is.
func Select(devices []Device, want string) (Device, error) {
	if len(devices) == 0 {
		return Device{}, ErrNoCamera
	}
	if want == "" || want == Auto || want == Any {
		usable := slices.IndexFunc(devices, func(d Device) bool { return d.Err == nil })
		return devices[max(usable, 0)], nil
	}
	path := want
	if isPath(want) {
		// A path that is not there is not in the list either.
		if target, err := filepath.EvalSymlinks(want); err == nil {
			path = target
		}
	}
	index, err := strconv.Atoi(want)
	if err != nil {
		index = -1
	}
	lower := strings.ToLower(want)
	for _, match := range []func(Device) bool{
		func(d Device) bool { return d.Name == want },
		func(d Device) bool { return d.Path != "" && d.Path == path },
		func(d Device) bool { return d.Index == index },
		func(d Device) bool { return d.Path != "" && filepath.Base(d.Path) == want },
		func(d Device) bool { return strings.EqualFold(d.Title, want) },
		func(d Device) bool {
			return strings.Contains(strings.ToLower(d.Title+"\n"+d.Name), lower)
		},
	} {
		matches := slices.DeleteFunc(slices.Clone(devices), func(d Device) bool { return !match(d) })
		switch {
		case len(matches) == 1:
			return matches[0], nil
		case len(matches) > 1:
			return Device{}, fmt.Errorf("%q is more than one camera: say which of %s", want, enumerate(matches))
		}
	}
	return Device{}, fmt.Errorf("no camera %q: there is %s", want, enumerate(devices))
}

func enumerate(devices []Device) string {
	var out []string
	for _, d := range devices {
		out = append(out, fmt.Sprintf("%d %v", d.Index, d))
	}
	return strings.Join(out, "; ")
}

// isPath tells a path from every other way to name a camera.
func isPath(want string) bool { return strings.HasPrefix(want, "/") }
