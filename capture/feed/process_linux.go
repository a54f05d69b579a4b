package feed

import (
	"errors"
	"syscall"

	"golang.org/x/sys/unix"
)

// groupOfItsOwn lets a command be ended with all that it started, and by the
// kernel when this program is killed.
func groupOfItsOwn() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}

// awaitExit blocks until the command has ended. It leaves it to be reaped:
// until then its number, and so its group's, is nobody else's.
func (p *process) awaitExit() {
	for errors.Is(unix.Waitid(unix.P_PID, p.cmd.Process.Pid, nil, unix.WEXITED|unix.WNOWAIT, nil), unix.EINTR) {
	}
}

// reap returns how the command ended.
func (p *process) reap() error { return p.cmd.Wait() }
