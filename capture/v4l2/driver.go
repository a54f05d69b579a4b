package v4l2

import (
	"errors"
	"image"
	"math"
	"path/filepath"
	"slices"
	"sync"

	"github.com/pion/mediadevices/pkg/driver"
	"github.com/pion/mediadevices/pkg/frame"
	"github.com/pion/mediadevices/pkg/io/video"
	"github.com/pion/mediadevices/pkg/prop"

	"github.com/pushcam/pushcam/capture"
)

// Driver is a camera for mediadevices' registry:
//
//	driver.GetManager().Register(v4l2.NewDriver(node), node.DriverInfo())
//
// The images that its reader returns are of type *Buffer, released by the
// function that comes with them. mediadevices does not serialize the calls of
// its drivers; here any goroutine may make them.
type Driver struct {
	open func() (*Device, error)

	mu     sync.Mutex
	device *Device // open, or nil
}

var (
	_ driver.Adapter       = (*Driver)(nil)
	_ driver.VideoRecorder = (*Driver)(nil)
)

// NewDriver returns a driver for the node, which is closed.
func NewDriver(n Node) *Driver {
	return &Driver{open: func() (*Device, error) { return Open(n.Path) }}
}

// DriverInfo describes the node in the words of mediadevices' own driver for
// Linux: Label is "NAME;videoN", Name is "card;bus".
func (n Node) DriverInfo() driver.Info {
	return driver.Info{
		Label:      n.Name() + ";" + filepath.Base(n.Path),
		Name:       n.Card + ";" + n.Bus,
		DeviceType: driver.Camera,
	}
}

// Open implements driver.Adapter.
func (d *Driver) Open() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.device != nil {
		return nil
	}
	device, err := d.open()
	if err != nil {
		return err
	}
	d.device = device
	return nil
}

// Close implements driver.Adapter. It may be called twice, and when Open
// failed.
func (d *Driver) Close() error {
	d.mu.Lock()
	device := d.device
	d.device = nil
	d.mu.Unlock()
	if device == nil {
		return nil
	}
	return device.Close()
}

// Device is the one that Open opened, for what mediadevices has no words for,
// nil while there is none.
func (d *Driver) Device() *Device {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.device
}

// formats pairs our formats with mediadevices' names, and with ones of the same
// kind where it has none. Of several with one name the first is preferred.
func formats() []struct {
	pixelFormat PixelFormat
	name        frame.Format
} {
	return []struct {
		pixelFormat PixelFormat
		name        frame.Format
	}{
		{I420, frame.FormatI420}, {I420M, frame.FormatI420},
		{YV12, "YV12"}, {YV12M, "YV12"},
		{NV12, frame.FormatNV12}, {NV12M, frame.FormatNV12},
		{NV21, frame.FormatNV21}, {NV21M, frame.FormatNV21},
		{YUYV, frame.FormatYUYV}, {UYVY, frame.FormatUYVY}, {GREY, "GREY"},
		{MJPEG, frame.FormatMJPEG}, {JPEG, frame.FormatMJPEG},
		{H264, "H264"}, {HEVC, "HEVC"}, {VP8, "VP8"},
	}
}

// FrameFormat is mediadevices' name of the format, or the four-character code
// where it has none.
func (p PixelFormat) FrameFormat() frame.Format {
	for _, f := range formats() {
		if f.pixelFormat == p {
			return f.name
		}
	}
	return frame.Format(p.String())
}

// Properties implements driver.Adapter. A device that fails has none.
func (d *Driver) Properties() []prop.Media {
	device := d.Device()
	if device == nil {
		return nil
	}
	modes, err := device.Modes()
	if err != nil {
		return nil
	}
	properties := make([]prop.Media, len(modes))
	for i, m := range modes {
		properties[i] = prop.Media{Video: prop.Video{
			Width: m.Width, Height: m.Height, FrameFormat: m.PixelFormat.FrameFormat(),
			FrameRate: float32(math.Round(m.Interval.Rate()*1000) / 1000),
		}}
	}
	return properties
}

// VideoRecord implements driver.VideoRecorder: it sets the format and the rate
// and starts. What the device chose shows in the Format of its Buffers.
func (d *Driver) VideoRecord(p prop.Media) (video.Reader, error) {
	device := d.Device()
	if device == nil {
		return nil, ErrClosed
	}
	pixelFormat, err := device.pixelFormat(p.FrameFormat)
	if err != nil {
		return nil, err
	}
	if _, err := device.SetFormat(pixelFormat, capture.Size{Width: p.Width, Height: p.Height}); err != nil {
		return nil, err
	}
	if interval := IntervalOf(float64(p.FrameRate)); interval != (Interval{}) {
		if _, err := device.SetInterval(interval); err != nil {
			return nil, err
		}
	}
	q, err := device.Start(QueueConfig{})
	if err != nil {
		return nil, err
	}
	return &recording{queue: q}, nil
}

// recording is a Queue as mediadevices reads it.
type recording struct{ queue *Queue }

// Read implements video.Reader.
func (r *recording) Read() (image.Image, func(), error) {
	b, err := r.queue.Next()
	if err != nil {
		return nil, nil, err
	}
	return b, b.Release, nil
}

// pixelFormat finds the device's own format for mediadevices' name.
func (d *Device) pixelFormat(name frame.Format) (PixelFormat, error) {
	offered, err := d.pixelFormats()
	if err != nil {
		return 0, d.fail("list the formats of", err)
	}
	for _, f := range formats() {
		if f.name == name && slices.Contains(offered, f.pixelFormat) {
			return f.pixelFormat, nil
		}
	}
	for _, f := range offered {
		if frame.Format(f.String()) == name {
			return f, nil
		}
	}
	return 0, d.fail("record", errors.New("it has no format "+string(name)))
}
