package capture

import (
	"context"
	"fmt"
	"time"
)

// Camera is a device that can be opened and can vanish. One goroutine at a time
// calls Open.
type Camera interface {
	// Name is what people call the device, for logs and the page. Any
	// goroutine calls it.
	Name() string
	// Open starts the device in the mode it was configured for. It returns
	// when the device runs, or with an error that tells a person what to do.
	// A cancelled ctx ends the attempt with its error.
	Open(ctx context.Context) (FrameReader, error)
}

// FrameReader is an opened Camera.
type FrameReader interface {
	// Mode is what the device really delivers, which may differ from what was
	// asked of it.
	Mode() Mode
	// Read blocks for the next Frame and returns it with one reference, the
	// caller's. A picture that is broken but leaves the device working is
	// skipped and counted, not an error. After any error the reader is of no
	// more use than to be closed. One goroutine reads.
	Read() (*Frame, error)
	// Close stops the device, makes a Read that is under way return, and waits
	// for it. It may be called from any goroutine, and twice.
	Close() error
}

// Thinner is a FrameReader that can leave pictures out before it works on them.
type Thinner interface {
	// Thin makes Read return each so many-th picture, all of them for 1; yet
	// never less than one in LongestThin, if there are more. Frames say how
	// many were Omitted. The goroutine that reads calls it.
	Thin(every int)
}

// LongestThin is the longest time for which pictures are left out to spare the
// CPU: after it the picture would seem to stand still.
const LongestThin = 250 * time.Millisecond

// Mode is the size, rate and pixel format that a Camera delivers.
type Mode struct {
	Size
	// FrameRate is in pictures per second, 0 when the device does not say.
	FrameRate float64
	// Format is the device's own pixel format: FormatMJPEG, "YUYV", "I420".
	Format string
}

// FormatMJPEG is the Format of a camera whose pictures are JPEGs.
const FormatMJPEG = "MJPEG"

// String is the mode in one phrase: "1280x720 at 30 fps, MJPEG".
func (m Mode) String() string {
	if m.FrameRate == 0 {
		return fmt.Sprintf("%v, %s", m.Size, m.Format)
	}
	return fmt.Sprintf("%v at %.4g fps, %s", m.Size, m.FrameRate, m.Format)
}
