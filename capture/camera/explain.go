package camera

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"syscall"
)

// explain adds to an error of the device what to do about it.
func explain(err error, d Device) error {
	node := cmp.Or(d.Path, d.Name)
	var advice string
	switch {
	case errors.Is(err, fs.ErrPermission):
		advice = fmt.Sprintf("no permission for %s: add the user to group video (sudo usermod -aG video $USER), then log in again", node)
	case is(err, syscall.EBUSY):
		advice = fmt.Sprintf("another program uses %s: close it, or find it with: fuser -v %s", node, node)
	case is(err, syscall.ENOSPC):
		advice = "its USB bus has no bandwidth left for this mode: ask for a smaller size or rate, or use another port"
	case is(err, syscall.ENODEV), is(err, syscall.ENXIO), is(err, syscall.ENOENT):
		advice = node + " is gone: reconnect the camera"
	case is(err, syscall.EINVAL):
		advice = "the driver refuses the mode it listed: ask for another size or rate"
	case is(err, syscall.EIO), is(err, syscall.EPROTO), is(err, syscall.EPIPE):
		advice = "the camera or its connection failed: try another cable or port"
	default:
		return err
	}
	return fmt.Errorf("%s (%w)", advice, err)
}

// is also knows errors that were made of another one's text, as the library
// below mediadevices does with those of starting a stream.
func is(err error, errno syscall.Errno) bool {
	return errors.Is(err, errno) || strings.HasSuffix(err.Error(), errno.Error())
}
