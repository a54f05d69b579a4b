package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

// untilSignalled calls f with a context that the first SIGINT or SIGTERM
// cancels, and returns what f returns. That signal also gives both back their
// default action, so that a second one ends the process at once.
func untilSignalled(f func(context.Context) int) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop)
	return f(ctx)
}
