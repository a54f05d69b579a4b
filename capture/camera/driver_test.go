package camera

import (
	"context"
	"errors"
	"image"
	"io"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/pion/mediadevices/pkg/driver"
	"github.com/pion/mediadevices/pkg/frame"
	"github.com/pion/mediadevices/pkg/io/video"
	"github.com/pion/mediadevices/pkg/prop"

	"github.com/pushcam/pushcam/capture"
)

// fakeDevice is what stands behind the fake drivers of one camera: a rescan
// makes a new driver for the same device, as it does with real ones.
type fakeDevice struct {
	label, name string
	properties  []prop.Media
	openErr     error
	recordErr   error
	// picture makes the n-th one, from 1; nil is a grey I420 one.
	picture func(p prop.Media, n int) (image.Image, error)
	// closeDelay is how long a Close waits for the device.
	closeDelay time.Duration

	mu        sync.Mutex
	unplugged bool
	opened    int
	closed    int
	recorded  []prop.Media
}

func (d *fakeDevice) counts() (opened, closed int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.opened, d.closed
}

func (d *fakeDevice) plug(in bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.unplugged = !in
}

// fakeDriver acts like mediadevices' camera on Linux, faults included: a
// second Close is a crime, as it would hit a foreign file descriptor.
type fakeDriver struct {
	*fakeDevice
	t      *testing.T
	open   bool
	ctx    context.Context
	cancel context.CancelFunc
	busy   chan struct{} // its mutex, as a channel for synctest
}

func (d *fakeDriver) Open() error {
	if d.openErr != nil {
		return d.openErr
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.opened++
	d.open = true
	d.ctx, d.cancel = context.WithCancel(context.Background())
	d.busy = make(chan struct{}, 1)
	return nil
}

func (d *fakeDriver) Close() error {
	if !d.open {
		d.t.Error("driver closed twice")
	}
	d.open = false
	d.cancel()
	if d.closeDelay > 0 {
		<-time.After(d.closeDelay)
	}
	d.busy <- struct{}{}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.closed++
	return nil
}

// Properties is a new slice each time, as mediadevices writes its id into it.
func (d *fakeDriver) Properties() []prop.Media { return slices.Clone(d.properties) }

func (d *fakeDriver) VideoRecord(p prop.Media) (video.Reader, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.recorded = append(d.recorded, p)
	if d.recordErr != nil {
		return nil, d.recordErr
	}
	n := 0
	return video.ReaderFunc(func() (image.Image, func(), error) {
		select {
		case d.busy <- struct{}{}:
			defer func() { <-d.busy }()
		case <-d.ctx.Done():
			return nil, func() {}, io.EOF
		}
		// The real one is deaf to Close while it waits for a picture.
		<-time.After(10 * time.Millisecond)
		if d.ctx.Err() != nil {
			return nil, func() {}, io.EOF
		}
		d.mu.Lock()
		unplugged := d.unplugged
		d.mu.Unlock()
		if unplugged {
			return nil, func() {}, syscall.ENODEV
		}
		n++
		if d.picture == nil {
			return image.NewYCbCr(image.Rect(0, 0, p.Width, p.Height), image.YCbCrSubsampleRatio420), func() {}, nil
		}
		img, err := d.picture(p, n)
		return img, nil, err // nil, as from a JPEG that fails
	}), nil
}

// plugged is a System in which these devices are found.
func plugged(t *testing.T, devices ...*fakeDevice) System {
	t.Cleanup(func() {
		for _, d := range driver.GetManager().Query(isCamera()) {
			driver.GetManager().Delete(d.ID())
		}
	})
	return System{Register: func() error {
		for _, d := range devices {
			d.mu.Lock()
			unplugged, label := d.unplugged, d.label
			d.mu.Unlock()
			if unplugged {
				continue
			}
			info := driver.Info{Label: label, Name: d.name, DeviceType: driver.Camera}
			if err := driver.GetManager().Register(&fakeDriver{fakeDevice: d, t: t}, info); err != nil {
				return err
			}
		}
		return nil
	}}
}

// newFake is a webcam with one mode, at video0.
func newFake() *fakeDevice {
	return &fakeDevice{
		label:      "usb-ACME_Webcam-video-index0;video0",
		name:       "ACME Webcam;usb-0000:00:14.0-1",
		properties: []prop.Media{media(mode(64, 48, 30, frame.FormatI420))},
	}
}

func mode(width, height int, rate float64, format frame.Format) capture.Mode {
	return capture.Mode{Size: capture.Size{Width: width, Height: height}, FrameRate: rate, Format: string(format)}
}

// newCamera is New with these devices plugged in.
func newCamera(t *testing.T, cfg Config, devices ...*fakeDevice) *Camera {
	cfg.System = plugged(t, devices...)
	return New(cfg)
}

var errCorrupt = errors.New("invalid JPEG format: bad marker")
