//go:build !cgo || !(linux || darwin)

package camera

import "errors"

const labelSeparator = ";"

// rescan has nothing to ask here: mediadevices reaches cameras through C.
func rescan() error {
	return errors.New("this build has no cameras: it needs Linux or macOS, and cgo")
}
