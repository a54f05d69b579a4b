package camera

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/pushcam/pushcam/capture"
)

// Preferences are where what the user set of a camera's controls outlives both the
// camera's absence and the program. Any goroutine uses it.
type Preferences interface {
	// Load returns the values that are kept for a camera, by the control's key.
	Load(camera string) (map[string]int64, error)
	// Update lets edit change them, as one step. What could not be kept holds
	// for the run all the same.
	Update(ctx context.Context, camera string, edit func(map[string]int64)) error
}

var (
	// ErrNoControls: this system has no controls of cameras to offer.
	ErrNoControls = errors.New("this system offers no camera controls")
	// ErrNotKept: the camera took what was set, and will not have it after the
	// program's end.
	ErrNotKept = errors.New("set, but not kept")
)

// Controls lists the camera's controls with their values, and what is kept of
// them. The camera may be open or closed; its picture is not disturbed. When
// what is kept cannot be read, that is logged.
func (c *Camera) Controls(ctx context.Context) (controls []capture.Control, err error) {
	var d Device
	err = c.withControls(ctx, "list controls of", func(device Device, open Controls) error {
		d = device
		controls, err = open.Controls()
		return err
	})
	c.mark(d, controls)
	return controls, err
}

// Adjust changes controls, keeps what the user wants of them, and lists them as
// they are then. It does all that can be done: an error is or wraps a
// capture.NotSetError for what the camera refused, and ErrNotKept. A control
// that is not there, or cannot be set at all, is an error before anything is
// done. Like Controls it does not need the camera to be open, and does not mind.
func (c *Camera) Adjust(ctx context.Context, change capture.ControlChange) (controls []capture.Control, err error) {
	var d Device
	err = c.withControls(ctx, "set controls of", func(device Device, open Controls) error {
		d = device
		before, err := open.Controls()
		if err != nil {
			return err
		}
		p, err := planOf(before, change)
		if err != nil {
			return err
		}
		refused := p.apply(open)
		if refused != nil && p.failed == nil {
			return refused
		}
		kept := c.keep(ctx, d, p)
		controls, err = open.Controls()
		return errors.Join(refused, kept, err)
	})
	c.mark(d, controls)
	return controls, err
}

// withControls opens the controls of the camera that is open, or that would be
// opened, for as long as f runs.
func (c *Camera) withControls(ctx context.Context, operation string, f func(Device, Controls) error) error {
	err := c.opened(ctx, f)
	if err != nil {
		return fmt.Errorf("%s camera %s: %w", operation, c.Name(), err)
	}
	return nil
}

func (c *Camera) opened(ctx context.Context, f func(Device, Controls) error) error {
	if c.cfg.System.Controls == nil {
		return ErrNoControls
	}
	select {
	case c.adjusting <- struct{}{}:
		defer func() { <-c.adjusting }()
	case <-ctx.Done():
		return ctx.Err()
	}
	d, err := c.current(ctx)
	if err != nil {
		return err
	}
	open, err := c.cfg.System.Controls(d)
	if err != nil {
		return err
	}
	return errors.Join(f(d, open), open.Close())
}

// current is the device that is open, without asking any other, or the one that
// Open would pick.
func (c *Camera) current(ctx context.Context) (Device, error) {
	c.mu.Lock()
	last, reader := c.last, c.reader
	c.mu.Unlock()
	if reader != nil && !reader.closing.HasBegun() {
		return last, nil
	}
	if err := ctx.Err(); err != nil {
		return Device{}, err
	}
	all, err := c.cfg.System.scan()
	if err != nil {
		return Device{}, err
	}
	f, err := c.pick(all)
	if err != nil {
		return Device{}, err
	}
	return f.Device, f.Err
}

// mark says in the controls what is kept of them.
func (c *Camera) mark(d Device, controls []capture.Control) {
	if c.cfg.Preferences == nil || len(controls) == 0 {
		return
	}
	kept, err := c.cfg.Preferences.Load(d.identity())
	if err != nil {
		c.cfg.Log.Warn("what is kept of the controls is not known", "camera", d.Title, "err", err)
	}
	for i, control := range controls {
		controls[i].KeptValue, controls[i].Kept = kept[control.Key]
	}
}

// keep writes what the camera took.
func (c *Camera) keep(ctx context.Context, d Device, p *plan) error {
	if c.cfg.Preferences == nil {
		return nil
	}
	if err := c.cfg.Preferences.Update(ctx, d.identity(), p.edit); err != nil {
		return fmt.Errorf("%w: %w", ErrNotKept, err)
	}
	return nil
}

// restore sets what is kept for a camera that is about to start.
func (c *Camera) restore(ctx context.Context, d Device) error {
	if c.cfg.System.Controls == nil || c.cfg.Preferences == nil {
		return nil
	}
	select {
	case c.adjusting <- struct{}{}:
		defer func() { <-c.adjusting }()
	case <-ctx.Done():
		return nil // nobody wants the picture any more
	}
	kept, err := c.cfg.Preferences.Load(d.identity())
	if err != nil || len(kept) == 0 {
		return err
	}
	open, err := c.cfg.System.Controls(d)
	if err != nil {
		return err
	}
	err = open.Apply(kept)
	_ = open.Close() // they are set, or are not
	return err
}

// report logs what restore could not do: the picture matters more, so that it
// is no reason not to start.
func (c *Camera) report(d Device, err error) {
	log := c.cfg.Log.With("camera", d.Title)
	var refused *capture.NotSetError
	if !errors.As(err, &refused) {
		if err != nil {
			log.Warn("kept controls not set", "err", err)
		}
		return
	}
	for _, key := range slices.Sorted(maps.Keys(refused.Failed)) {
		// A manual value waits for the day its automatic is switched off.
		if err := refused.Failed[key]; errors.Is(err, capture.ErrInactive) {
			log.Debug("kept control without effect now", "control", key)
		} else {
			log.Warn("kept control not set", "control", key, "err", err)
		}
	}
}
