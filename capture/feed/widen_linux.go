package feed

import (
	"os"

	"golang.org/x/sys/unix"
)

// pipeSize is what the kernel gives any user (/proc/sys/fs/pipe-max-size).
const pipeSize = 1 << 20

// widen lets a pipe hold a picture, so that its writer hands it over at once
// and not in twenty pieces, waiting for each. Where that fails, it is only
// slower.
func widen(file *os.File) {
	if raw, err := file.SyscallConn(); err == nil {
		_ = raw.Control(func(fd uintptr) { _, _ = unix.FcntlInt(fd, unix.F_SETPIPE_SZ, pipeSize) })
	}
}
