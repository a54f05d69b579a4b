package v4l2

import (
	"errors"
	"math"
	"sync"
	"sync/atomic"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// kernel is the system that this program runs on.
func kernel() system {
	return system{open: openNode, monotonic: monotonic, root: "/"}
}

// monotonic reads CLOCK_MONOTONIC, which drivers stamp buffers with.
func monotonic() time.Duration {
	var now unix.Timespec
	// Fails for a clock that does not exist.
	_ = unix.ClockGettime(unix.CLOCK_MONOTONIC, &now)
	return time.Duration(now.Nano())
}

// deviceNode is a node by file descriptor. Its lock keeps the descriptor from
// being closed, and given to somebody else, while a system call uses it.
type deviceNode struct {
	fd    int
	event int // eventfd(2), readable while a wake is pending

	closing atomic.Bool // from the beginning of close on, nobody waits
	mu      sync.RWMutex
	closed  bool
}

var _ node = (*deviceNode)(nil)

func openNode(path string) (node, error) {
	var fd int
	err := restart(func() (err error) {
		// Without O_NONBLOCK a DQBUF could not be interrupted.
		fd, err = unix.Open(path, unix.O_RDWR|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
		return err
	})
	if err != nil {
		return nil, err
	}
	event, err := unix.Eventfd(0, unix.EFD_NONBLOCK|unix.EFD_CLOEXEC)
	if err != nil {
		_ = unix.Close(fd)
		return nil, err
	}
	return &deviceNode{fd: fd, event: event}, nil
}

func (n *deviceNode) ioctl(r request, argument unsafe.Pointer) error {
	n.mu.RLock()
	defer n.mu.RUnlock()
	if n.closed {
		return ErrClosed
	}
	return restart(func() error {
		if _, _, errno := unix.Syscall(unix.SYS_IOCTL, uintptr(n.fd), uintptr(r), uintptr(argument)); errno != 0 {
			return errno
		}
		return nil
	})
}

func (n *deviceNode) mmap(offset int64, length int) (memory []byte, unmap func() error, err error) {
	n.mu.RLock()
	defer n.mu.RUnlock()
	if n.closed {
		return nil, nil, ErrClosed
	}
	memory, err = unix.Mmap(n.fd, offset, length, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	if err != nil {
		return nil, nil, err
	}
	return memory, func() error { return unix.Munmap(memory) }, nil
}

func (n *deviceNode) wait(timeout time.Duration, what interest) (readiness, error) {
	n.mu.RLock()
	defer n.mu.RUnlock()
	if n.closing.Load() {
		return notReady, ErrClosed
	}
	fds := [2]unix.PollFd{{Fd: int32(n.event), Events: unix.POLLIN}, {Fd: int32(n.fd)}}
	watched := fds[:1]
	if what != noDevice {
		watched = fds[:2]
	}
	if what&aPicture != 0 {
		fds[1].Events |= unix.POLLIN
	}
	if what&aReturn != 0 {
		fds[1].Events |= unix.POLLOUT
	}
	// Rounded up, so that a wait does not end before its time.
	ms := min((max(timeout, 0)+time.Millisecond-1)/time.Millisecond, math.MaxInt32)
	if _, err := unix.Poll(watched, int(ms)); err != nil && !errors.Is(err, unix.EINTR) {
		return notReady, err
	}
	if fds[0].Revents != 0 {
		var count [8]byte
		// Fails when there is nothing to read, which is as good.
		_, _ = unix.Read(n.event, count[:])
	}
	switch seen := fds[1].Revents; {
	case seen&(unix.POLLERR|unix.POLLHUP|unix.POLLNVAL) != 0:
		return failing, nil
	case seen != 0:
		return ready, nil
	}
	return notReady, nil
}

// wake must not wait for the lock: a close that waits for a wait holds up new
// readers.
func (n *deviceNode) wake() {
	if !n.mu.TryRLock() {
		return // it is being closed, which wakes
	}
	defer n.mu.RUnlock()
	if n.closed {
		return
	}
	one := [8]byte{1} // in either byte order more than zero
	// Fails when 2^64 wakes are pending.
	_, _ = unix.Write(n.event, one[:])
}

func (n *deviceNode) close() error {
	n.closing.Store(true)
	n.wake() // the wait that came before
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.closed {
		return nil
	}
	n.closed = true
	return errors.Join(unix.Close(n.fd), unix.Close(n.event))
}
