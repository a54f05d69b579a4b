package main

import (
	"context"

	"github.com/pushcam/pushcam/capture/pattern"
	"github.com/pushcam/pushcam/capture/y4m"
)

// run implements command.
func (c *patternConfig) run(ctx context.Context, std stdio) error {
	if c.Duration > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, c.Duration)
		defer cancel()
	}
	return y4m.Stream(ctx, std.out, &pattern.Camera{Size: c.Size, FrameRate: c.FPS})
}
