package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// commandFunc is a command made of a function.
type commandFunc func(context.Context, stdio) error

func (f commandFunc) run(ctx context.Context, std stdio) error { return f(ctx, std) }

func TestRunCommand(t *testing.T) {
	untilCancelled := func(ctx context.Context, closing time.Duration, err error) error {
		<-ctx.Done()
		<-time.After(closing)
		return err
	}
	for _, c := range []struct {
		name   string
		cmd    commandFunc
		code   int
		stderr string
		took   time.Duration
	}{
		{"done", func(context.Context, stdio) error { return nil }, exitOK, "", 0},
		{"failed", func(context.Context, stdio) error { return errors.New("camera /dev/video0: is busy") },
			exitFailed, "pushcam: camera /dev/video0: is busy\n", 0},
		{"closed in time", func(ctx context.Context, _ stdio) error {
			return untilCancelled(ctx, 2*time.Second, fmt.Errorf("serve: %w", context.Canceled))
		}, exitOK, "", 12 * time.Second},
		{"failed to close", func(ctx context.Context, _ stdio) error {
			return untilCancelled(ctx, 0, errors.New("close: x"))
		}, exitFailed, "pushcam: close: x\n", 10 * time.Second},
		{"cancelled, twice", func(ctx context.Context, _ stdio) error {
			return untilCancelled(ctx, 0, errors.Join(context.Canceled, fmt.Errorf("relay: %w", context.Canceled)))
		}, exitOK, "", 10 * time.Second},
		{"cancelled, and failed to close", func(ctx context.Context, _ stdio) error {
			return untilCancelled(ctx, 0, fmt.Errorf("serve: %w", errors.Join(context.Canceled, errors.New("x"))))
		}, exitFailed, "pushcam: serve: context canceled\nx\n", 10 * time.Second},
		{"did not close in time", func(ctx context.Context, _ stdio) error {
			return untilCancelled(ctx, time.Minute, nil)
		}, exitFailed, "pushcam: not closed after 3s, giving up; still running:\n", 13 * time.Second},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
				defer cancel()
				var out, err bytes.Buffer
				start := time.Now()
				code := runCommand(ctx, c.cmd, stdio{out: &out, err: &err})
				if took := time.Since(start); code != c.code || took != c.took {
					t.Errorf("exit %d after %v, want %d after %v", code, took, c.code, c.took)
				}
				if s := err.String(); !strings.HasPrefix(s, c.stderr) || c.stderr == "" && s != "" {
					t.Errorf("stderr %q, want %q", s, c.stderr)
				}
				<-time.After(time.Minute) // one that did not close ends too, on the bubble's clock
			})
		})
	}
}
