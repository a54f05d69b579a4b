//go:build unix && !linux

package feed

import "syscall"

// groupOfItsOwn lets a command be ended with all that it started.
func groupOfItsOwn() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }

// awaitExit blocks until the command has ended, and reaps it.
func (p *process) awaitExit() { p.status = p.cmd.Wait() }

// reap returns how the command ended.
func (p *process) reap() error { return p.status }
