//go:build !cgo || !darwin

package camera

import "errors"

// Native is the system's cameras as mediadevices itself reads them, which it
// is trusted with on macOS only, through C.
func Native() System {
	return System{Register: func() error {
		return errors.New("this build has no cameras: it needs Linux, or macOS and cgo")
	}}
}
