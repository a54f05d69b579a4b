package camera

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/pion/mediadevices/pkg/driver"

	"github.com/pushcam/pushcam/capture"
)

// Config says which camera, and in which mode.
type Config struct {
	// Device is what Select understands.
	Device string
	Wish   Wish
	System System
}

// Camera is a capture.Camera on a local device. Open is called by one
// goroutine at a time, the other methods by any.
type Camera struct {
	cfg     Config
	frames  capture.FramePool
	skipped atomic.Uint64

	mu   sync.Mutex
	last Device // opened last; the zero value before
}

var _ capture.Camera = (*Camera)(nil)

// New returns the camera that cfg describes; whether it is there shows at
// Open.
func New(cfg Config) *Camera { return &Camera{cfg: cfg} }

// Name implements capture.Camera: the title of the device that was opened
// last, before that what was asked for.
func (c *Camera) Name() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.last.Title != "" {
		return c.last.Title
	}
	if c.cfg.Device == "" {
		return Auto
	}
	return c.cfg.Device
}

// Skipped is how many broken pictures were left out since New.
func (c *Camera) Skipped() uint64 { return c.skipped.Load() }

// Open implements capture.Camera. It looks for the device again each time. It
// heeds ctx between the steps, not within the kernel's.
func (c *Camera) Open(ctx context.Context) (capture.FrameReader, error) {
	reader, err := c.open(ctx)
	if err != nil {
		return nil, fmt.Errorf("open camera %s: %w", c.Name(), err)
	}
	return reader, nil
}

func (c *Camera) open(ctx context.Context) (*reader, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	all, err := c.cfg.System.scan()
	if err != nil {
		return nil, err
	}
	f, err := c.pick(all)
	if err != nil {
		return nil, err
	}
	if f.Err != nil {
		return nil, f.Err
	}
	choice, err := Choose(f.Modes, c.cfg.Wish)
	if err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	r, err := c.start(f, choice.Mode)
	if err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		_ = r.Close()
		return nil, err
	}
	c.mu.Lock()
	c.last = f.Device
	c.mu.Unlock()
	return r, nil
}

// pick prefers the device that was opened last, wherever it is now, so that
// "auto", an index or a part of a name does not switch cameras when one more
// is plugged in. A path is taken at its word.
func (c *Camera) pick(all []found) (found, error) {
	devices := make([]Device, len(all))
	for i, f := range all {
		devices[i] = f.Device
	}
	c.mu.Lock()
	last := c.last.Name
	c.mu.Unlock()
	if i := slices.IndexFunc(devices, func(d Device) bool { return d.Name == last }); i >= 0 && !isPath(c.cfg.Device) {
		return all[i], nil
	}
	d, err := Select(devices, c.cfg.Device)
	if err != nil {
		return found{}, err
	}
	return all[d.Index], nil
}

// start opens the driver. A driver whose VideoRecord fails has closed itself,
// and must not be closed again.
func (c *Camera) start(f found, mode capture.Mode) (*reader, error) {
	if err := f.driver.Open(); err != nil {
		return nil, err
	}
	pictures, err := f.driver.(driver.VideoRecorder).VideoRecord(media(mode))
	if err != nil {
		return nil, err
	}
	return newReader(c, f, pictures, mode), nil
}
