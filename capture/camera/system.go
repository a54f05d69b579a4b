package camera

import (
	"image"

	"github.com/pushcam/pushcam/capture"
)

// System is how cameras are found and read: what differs from one operating
// system to another.
type System struct {
	// Register adds a driver for each camera that is there now to mediadevices'
	// registry, which has none when it is called. A driver's errors say what
	// to do about them; they go to the user as they are.
	Register func() error
	// Decode makes a Frame of a picture that a driver delivered; of size, as
	// it was asked for, when the picture does not say. It sets the Frame's
	// Time when the driver knows it. Its errors are the picture's fault. Nil
	// is for drivers that decode themselves, to image.YCbCr.
	Decode func(*capture.FramePool, image.Image) (*capture.Frame, error)
	// Final reports an error of a driver after which it delivers nothing any
	// more. Those that are the operating system's always are. Nil means that
	// no others are.
	Final func(error) bool
}

// labelSeparator joins the two halves of a driver's Label and Name, on systems
// where there are two.
const labelSeparator = ";"
