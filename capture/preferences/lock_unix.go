//go:build unix

package preferences

import (
	"context"
	"errors"
	"fmt"
	"os"
	"syscall"
	"time"
)

// openNonblocking makes the opening of a FIFO return.
const openNonblocking = syscall.O_NONBLOCK

// lockPause is how often is looked whether the lock is free.
const lockPause = 20 * time.Millisecond

// lock takes the lock at a path, which no other Store and no other process has
// then. The kernel frees it when its process ends, however that is.
func lock(ctx context.Context, path string, patience time.Duration) (unlock func(), err error) {
	f, err := os.OpenFile(path, os.O_RDONLY|os.O_CREATE|openNonblocking, 0o644)
	if err != nil {
		return nil, err
	}
	limit := time.NewTimer(patience)
	defer limit.Stop()
	look := time.NewTicker(lockPause)
	defer look.Stop()
	for {
		err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if err == nil {
			return func() { _ = f.Close() }, nil // which frees the lock
		}
		if !errors.Is(err, syscall.EWOULDBLOCK) && !errors.Is(err, syscall.EINTR) {
			return nil, errors.Join(fmt.Errorf("lock %s: %w", path, err), f.Close())
		}
		select {
		case <-ctx.Done():
			return nil, errors.Join(ctx.Err(), f.Close())
		case <-limit.C:
			return nil, errors.Join(fmt.Errorf("lock %s: another pushcam has held it for %v: end it", path, patience), f.Close())
		case <-look.C:
		}
	}
}

// syncFolder makes a new name in the folder survive a power failure.
func syncFolder(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	err = f.Sync()
	if errors.Is(err, syscall.EINVAL) || errors.Is(err, syscall.ENOTSUP) {
		err = nil // a file system that has no such thing
	}
	return errors.Join(err, f.Close())
}
