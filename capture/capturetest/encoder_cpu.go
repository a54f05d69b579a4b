//go:build unix

package capturetest

import (
	"syscall"
	"time"
)

// CPUTime is how much CPU the process has used, in all of its threads. For
// benchmarks: unlike the clock's, its differences mean something on a busy
// machine, and threads do not hide in it.
func CPUTime() (time.Duration, error) {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return 0, err
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano()), nil
}
