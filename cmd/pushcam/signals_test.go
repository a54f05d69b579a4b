package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"testing"
	"time"
)

// actAs is the variable that makes the test binary play a program instead of
// running tests: signals need a process of their own.
const actAs = "PUSHCAM_TEST_ACT_AS"

func TestMain(m *testing.M) {
	switch os.Getenv(actAs) {
	case "":
		os.Exit(m.Run())
	case "pushcam":
		main()
	case "one that closes":
		os.Exit(untilSignalled(func(ctx context.Context) int {
			fmt.Println("running")
			<-ctx.Done()
			fmt.Println("closing")
			return 7
		}))
	case "one that hangs":
		os.Exit(untilSignalled(func(ctx context.Context) int {
			fmt.Println("running")
			<-ctx.Done()
			fmt.Println("closing")
			<-make(chan struct{})
			return 7
		}))
	}
}

// act starts the test binary as the named program.
func act(t testing.TB, as string, args ...string) (*exec.Cmd, *bufio.Scanner) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], args...)
	cmd.Env = append(os.Environ(), actAs+"="+as)
	cmd.WaitDelay = time.Second
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return cmd, bufio.NewScanner(out)
}

func wantLine(t *testing.T, lines *bufio.Scanner, want string) {
	t.Helper()
	if !lines.Scan() || lines.Text() != want {
		t.Fatalf("program printed %q, want %q", lines.Text(), want)
	}
}

func TestSignals(t *testing.T) {
	for _, signal := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM} {
		t.Run("first "+signal.String(), func(t *testing.T) {
			cmd, lines := act(t, "one that closes")
			wantLine(t, lines, "running")
			send(t, cmd, signal)
			wantLine(t, lines, "closing")
			if code := wait(t, cmd); code != 7 {
				t.Errorf("exit code %d, want the function's 7", code)
			}
		})
		t.Run("second "+signal.String(), func(t *testing.T) {
			cmd, lines := act(t, "one that hangs")
			wantLine(t, lines, "running")
			send(t, cmd, signal)
			wantLine(t, lines, "closing")
			send(t, cmd, signal)
			if code := wait(t, cmd); code != 128+int(signal) {
				t.Errorf("exit code %d, want %d as from a shell", code, 128+int(signal))
			}
		})
	}
}

// TestMainExitCode holds main to what run returns.
func TestMainExitCode(t *testing.T) {
	for _, c := range []struct {
		arg  string
		code int
	}{{"--version", exitOK}, {"--fps=0", exitUsage}} {
		cmd, _ := act(t, "pushcam", c.arg)
		if code := wait(t, cmd); code != c.code {
			t.Errorf("pushcam %s: exit code %d, want %d", c.arg, code, c.code)
		}
	}
}

func send(t testing.TB, cmd *exec.Cmd, signal os.Signal) {
	t.Helper()
	if err := cmd.Process.Signal(signal); err != nil {
		t.Fatal(err)
	}
}

// wait returns the exit code, -1 for a program that a signal ended.
func wait(t testing.TB, cmd *exec.Cmd) int {
	t.Helper()
	if err := cmd.Wait(); err != nil && !errors.As(err, new(*exec.ExitError)) {
		t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode()
}
