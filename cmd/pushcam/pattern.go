package main

import (
	"context"
	"errors"
)

// run implements command.
func (c *patternConfig) run(context.Context, stdio) error {
	return errors.New("pattern: not joined to the other packages yet")
}
