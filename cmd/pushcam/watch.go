package main

import (
	"context"
	"errors"
)

// run implements command.
func (c *watchConfig) run(context.Context, stdio) error {
	return errors.New("watch: not joined to the other packages yet")
}
