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
	// JPEG copies the JPEG that a picture came as, so that it can be shown by
	// itself; nil for a picture of another format. It is asked after Decode.
	// Nil is for systems whose drivers do not pass it on.
	JPEG func(image.Image) []byte
	// Undecoded makes a Frame, with a Time, of such a JPEG alone, instead of
	// Decode. It is nil for a picture of which only Decode can tell that it is
	// whole. Nil is for systems that leave none undecoded.
	Undecoded func(image.Image) *capture.Frame
	// Coded makes what makes Frames of the H.264 that one opened camera
	// delivers, which a mode with that format is for: none, one or several of
	// each picture of its driver's. Its errors are the picture's fault. Nil is
	// for systems without such cameras.
	Coded func() func(image.Image) ([]*capture.Frame, error)
	// Final reports an error of a driver after which it delivers nothing any
	// more. Those that are the operating system's always are. Nil means that
	// no others are.
	Final func(error) bool
	// Controls opens a camera's controls, beside whoever reads its pictures.
	// Nil is for systems where cameras have none to offer.
	Controls func(Device) (Controls, error)
}

// Controls are a camera's settings, open. One goroutine uses them.
type Controls interface {
	// Controls lists them with their values.
	Controls() ([]capture.Control, error)
	// Apply sets those of the keys in an order that works. It sets all that it
	// can, and fails with a capture.NotSetError that names the rest.
	Apply(values map[string]int64) error
	// Reset sets all that can be set to their defaults.
	Reset() error
	Close() error
}

// labelSeparator joins the two halves of a driver's Label and Name, on systems
// where there are two.
const labelSeparator = ";"
