//go:build !linux

package v4l2

import (
	"errors"
	"time"
)

// errNotHere says why there are no devices. Only Linux has V4L2; everything
// but the system calls is compiled, and tested, everywhere.
var errNotHere = errors.New("v4l2 is Linux's way to reach a camera: this system has another one")

func kernel() system {
	start := time.Now()
	return system{
		open:      func(string) (node, error) { return nil, errNotHere },
		monotonic: func() time.Duration { return time.Since(start) },
		root:      "/",
	}
}
