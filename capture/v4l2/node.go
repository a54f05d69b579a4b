package v4l2

import (
	"errors"
	"syscall"
	"time"
	"unsafe"
)

// node is an open device node: the seam between this package and the kernel.
// All methods may be called by any goroutine; after close they fail with
// ErrClosed.
type node interface {
	// ioctl passes the argument on; its type belongs to the request. Errors
	// are of type syscall.Errno.
	ioctl(r request, argument unsafe.Pointer) error
	// mmap maps a buffer. Its unmap works after close, too.
	mmap(offset int64, length int) (memory []byte, unmap func() error, err error)
	// wait blocks until the device has what interests, until wake, or for the
	// timeout. One goroutine waits at a time.
	wait(timeout time.Duration, what interest) (readiness, error)
	// wake makes a wait that is under way, or else the next one, return.
	wake()
	close() error
}

// interest is what a wait looks for beside wake: bits.
type interest uint8

const (
	noDevice interest = 0
	aPicture interest = 1 << 0 // a buffer that the device has filled, or an error
	aReturn  interest = 1 << 1 // a buffer of the OUTPUT queue that it has read
)

// readiness is what wait saw.
type readiness uint8

const (
	notReady readiness = iota
	ready
	failing // the device has an error to tell
)

// system is what a Device needs of the machine.
type system struct {
	open func(path string) (node, error)
	// monotonic reads the clock of buffers' timestamps.
	monotonic func() time.Duration
	// root is where /dev and /sys are.
	root string
}

// errNoIoctl ends the retries of an ioctl that signals interrupt for ever.
var errNoIoctl = errors.New("interrupted too often")

const maxInterruptions = 1000

// restart repeats what a signal interrupted.
func restart(f func() error) error {
	for range maxInterruptions {
		if err := f(); !errors.Is(err, syscall.EINTR) {
			return err
		}
	}
	return errNoIoctl
}
