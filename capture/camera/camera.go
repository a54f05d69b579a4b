package camera

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"syscall"

	"github.com/pion/mediadevices/pkg/driver"

	"github.com/pushcam/pushcam/capture"
)

// Config says which camera, and in which mode.
type Config struct {
	// Device is what Select understands.
	Device string
	Wish   Wish
	System System
	// Preferences keep what the user set of the camera's controls; nil keeps
	// nothing.
	Preferences Preferences
	// Log gets which kept controls a camera does not take; nil for none.
	Log *slog.Logger
}

// Camera is a capture.Camera on a local device. Open is called by one
// goroutine at a time, the other methods by any.
type Camera struct {
	cfg     Config
	frames  capture.FramePool
	skipped atomic.Uint64
	// adjusting holds one token while controls are set, at opening or by
	// Adjust, so that what the camera has last is what is kept.
	adjusting chan struct{}
	// busy reports that another program had the camera at the last Open, whose
	// goroutine owns it.
	busy bool

	mu     sync.Mutex
	last   Device  // opened last; the zero value before
	reader *reader // of last; it may be closed since
}

var _ capture.Camera = (*Camera)(nil)

// New returns the camera that cfg describes; whether it is there shows at
// Open.
func New(cfg Config) *Camera {
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	return &Camera{cfg: cfg, adjusting: make(chan struct{}, 1)}
}

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
	f, choice, err := c.find()
	if err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	r, err := c.start(ctx, f, choice.Mode)
	if err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		_ = r.Close()
		return nil, err
	}
	c.mu.Lock()
	c.last, c.reader = f.Device, r
	c.mu.Unlock()
	return r, nil
}

// find looks for what Open would open.
func (c *Camera) find() (found, Choice, error) {
	all, err := c.cfg.System.scan()
	if err != nil {
		return found{}, Choice{}, err
	}
	f, err := c.pick(all)
	if err == nil {
		err = f.Err
	}
	if err != nil {
		return found{}, Choice{}, err
	}
	choice, err := Choose(f.Modes, c.cfg.Wish)
	return f, choice, err
}

// Check reports why Open would fail, as far as that can be seen without opening
// the camera. Any goroutine calls it, at any time.
func (c *Camera) Check() error {
	if _, _, err := c.find(); err != nil {
		return fmt.Errorf("check camera %s: %w", c.Name(), err)
	}
	return nil
}

// start opens the driver. A driver whose VideoRecord fails has closed itself,
// and must not be closed again. Controls are set before the camera runs, as some
// can only be set then; but not over and over while another program uses it.
func (c *Camera) start(ctx context.Context, f found, mode capture.Mode) (*reader, error) {
	if err := f.driver.Open(); err != nil {
		return nil, err
	}
	waited := c.busy
	var refused error
	if !waited {
		refused = c.restore(ctx, f.Device)
	}
	pictures, err := f.driver.(driver.VideoRecorder).VideoRecord(media(mode))
	c.busy = errors.Is(err, syscall.EBUSY)
	if err != nil {
		return nil, err
	}
	if waited {
		refused = c.restore(ctx, f.Device)
	}
	c.report(f.Device, refused)
	return newReader(c, f, pictures, mode), nil
}
