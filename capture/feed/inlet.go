//go:build unix

package feed

import (
	"errors"
	"io"
	"os"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// inlet reads a descriptor that poll(2) understands: a pipe, a FIFO, a socket.
// Its flags stay as they are, as other programs may share it. One goroutine
// reads; any may call interrupt.
type inlet struct {
	file *os.File // whose descriptor fd is
	fd   int

	wake, waker *os.File // a pipe: closing waker ends a Read
	once        sync.Once

	// owned by the goroutine that reads
	deadline time.Time
	read     bool // bytes have come
	// stale is asked once a second while none has; true ends the reading with
	// errStale. It may be nil.
	stale func() bool
}

var _ source = (*inlet)(nil)

var errStale = errors.New("is another file now")

func newInlet(file *os.File, stale func() bool) (*inlet, error) {
	wake, waker, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	in := &inlet{file: file, wake: wake, waker: waker, stale: stale}
	// Not Fd, which may change the descriptor's flags.
	raw, err := file.SyscallConn()
	if err == nil {
		err = raw.Control(func(fd uintptr) { in.fd = int(fd) })
	}
	if err != nil {
		in.close()
		return nil, err
	}
	return in, nil
}

// SetReadDeadline implements idler.
func (in *inlet) SetReadDeadline(t time.Time) error {
	in.deadline = t
	return nil
}

// Read implements io.Reader. It fails with os.ErrClosed once interrupt was
// called.
func (in *inlet) Read(p []byte) (int, error) {
	for {
		switch ready, err := in.await(); {
		case err != nil:
			return 0, err
		case !ready:
			continue
		}
		n, err := unix.Read(in.fd, p)
		switch {
		case errors.Is(err, unix.EINTR) || errors.Is(err, unix.EAGAIN):
			continue
		case err != nil:
			return 0, os.NewSyscallError("read", err)
		case n == 0:
			return 0, io.EOF
		}
		in.read = true
		return n, nil
	}
}

// await blocks until there is something to read, or a reason to look again.
func (in *inlet) await() (ready bool, err error) {
	fds := []unix.PollFd{{Fd: int32(in.fd), Events: unix.POLLIN}, {Fd: int32(in.wake.Fd()), Events: unix.POLLIN}}
	_, err = unix.Poll(fds, in.timeout())
	switch {
	case errors.Is(err, unix.EINTR):
		return false, nil
	case err != nil:
		return false, os.NewSyscallError("poll", err)
	case fds[1].Revents != 0:
		return false, os.ErrClosed
	case fds[0].Revents&unix.POLLNVAL != 0:
		return false, os.NewSyscallError("poll", unix.EBADF)
	case fds[0].Revents != 0:
		return true, nil
	case !in.deadline.IsZero() && !time.Now().Before(in.deadline):
		return false, os.ErrDeadlineExceeded
	case !in.read && in.stale != nil && in.stale():
		return false, errStale
	}
	return false, nil
}

// timeout is how long to wait, as poll(2) takes it.
func (in *inlet) timeout() int {
	switch {
	case !in.deadline.IsZero():
		return max(0, int((time.Until(in.deadline)+time.Millisecond-1)/time.Millisecond))
	case !in.read && in.stale != nil:
		return 1000
	}
	return -1
}

// interrupt ends the Read that is under way, and all later ones.
func (in *inlet) interrupt() { in.once.Do(func() { _ = in.waker.Close() }) }

// close gives up what the inlet itself owns; the file is the caller's.
func (in *inlet) close() {
	in.interrupt()
	_ = in.wake.Close()
}
