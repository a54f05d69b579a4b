package main

import (
	"context"
	"errors"
)

// run implements command.
func (c *devicesConfig) run(context.Context, stdio) error {
	return errors.New("devices: not joined to the other packages yet")
}
