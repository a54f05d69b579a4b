package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

// untilSignalled calls f and returns the exit code that it returns. The first
// SIGINT or SIGTERM cancels f's context. The second returns at once, without
// f, the code that shells give to a process ended by that signal; the caller
// has to exit then.
func untilSignalled(f func(context.Context) int) int {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM)
	defer signal.Stop(signals)

	code := make(chan int, 1)
	go func() { code <- f(ctx) }()

	select {
	case c := <-code:
		return c
	case <-signals:
		cancel()
	}
	select {
	case c := <-code:
		return c
	case s := <-signals:
		if s == syscall.SIGTERM {
			return 128 + int(syscall.SIGTERM)
		}
		return 128 + int(syscall.SIGINT)
	}
}
