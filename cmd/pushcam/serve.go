package main

import (
	"context"
	"errors"
)

// run implements command.
func (c *serveConfig) run(context.Context, stdio) error {
	return errors.New("serve: not joined to the other packages yet")
}
