package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime/pprof"
	"slices"
	"time"
)

// What the process exits with.
const (
	exitOK     = 0
	exitFailed = 1 // the command could not do, or could not end, its work
	exitUsage  = 2 // a flag, a variable or the file has a wrong value
)

// closeGrace is how long a command may take to close everything once its
// context is cancelled.
const closeGrace = 3 * time.Second

// command is one of pushcam's commands, its flags already filled in.
type command interface {
	// run does the command's work and returns when it is done, or when ctx is
	// cancelled and everything that it started is closed. A cancelled ctx is
	// no failure: context.Canceled counts as nil.
	run(ctx context.Context, std stdio) error
}

// stdio is where a command writes: what it was asked for, and what it has to
// say about it.
type stdio struct{ out, err io.Writer }

// run is the program without the process: it returns the exit code. It writes
// the error of a command to err, once.
func run(ctx context.Context, args, env []string, out, err io.Writer) int {
	std := stdio{out: out, err: err}
	cmd, parseErr := parse(args, env, std)
	switch {
	case errors.Is(parseErr, errAnswered):
		return exitOK
	case parseErr != nil:
		fmt.Fprintf(err, "pushcam: %v\n", parseErr)
		return exitUsage
	}
	return runCommand(ctx, cmd, std)
}

// runCommand runs cmd and, when it does not close in time after ctx is
// cancelled, says what it still waits for and gives up on it.
func runCommand(ctx context.Context, cmd command, std stdio) int {
	done := make(chan error, 1)
	go func() { done <- cmd.run(ctx, std) }()

	select {
	case err := <-done:
		return exitCode(err, std)
	case <-ctx.Done():
	}
	select {
	case err := <-done:
		return exitCode(err, std)
	case <-time.After(closeGrace):
		fmt.Fprintf(std.err, "pushcam: not closed after %v, giving up; still running:\n", closeGrace)
		_ = pprof.Lookup("goroutine").WriteTo(std.err, 1) // nothing is left to tell an error to
		return exitFailed
	}
}

func exitCode(err error, std stdio) int {
	if err == nil || cancelled(err) {
		return exitOK
	}
	fmt.Fprintf(std.err, "pushcam: %v\n", err)
	return exitFailed
}

// cancelled reports whether err says only that a context ended. What failed
// beside that, in the same errors.Join, has to be told.
func cancelled(err error) bool {
	var joined interface{ Unwrap() []error }
	if errors.As(err, &joined) {
		return !slices.ContainsFunc(joined.Unwrap(), func(e error) bool { return !cancelled(e) })
	}
	return errors.Is(err, context.Canceled)
}
