package camera

import (
	"bufio"
	"os"
	"strconv"
	"strings"
	"unsafe"

	"golang.org/x/sys/unix"
)

// mapping is a piece of a device's buffers in this process's memory.
type mapping struct{ start, end uint64 }

// deviceMappings reads what this process has mapped of a device node, by
// proc_pid_maps(5).
func deviceMappings(path string) map[mapping]bool {
	maps, err := os.Open("/proc/self/maps")
	if err != nil {
		return nil
	}
	defer maps.Close()
	found := map[mapping]bool{}
	for lines := bufio.NewScanner(maps); lines.Scan(); {
		// address perms offset dev inode pathname
		fields := strings.Fields(lines.Text())
		if len(fields) < 6 || fields[5] != path {
			continue
		}
		first, last, _ := strings.Cut(fields[0], "-")
		start, errStart := strconv.ParseUint(first, 16, 64)
		end, errEnd := strconv.ParseUint(last, 16, 64)
		if errStart == nil && errEnd == nil {
			found[mapping{start, end}] = true
		}
	}
	return found
}

// unmapLeaked frees the buffers that a start that failed left mapped, which
// are those that were not there before it. The library below mediadevices
// forgets them, and as long as they are mapped the kernel counts the device as
// in use: one refused start, say for lack of USB bandwidth, and the camera
// would be busy until the program ends.
func unmapLeaked(path string, before map[mapping]bool) {
	for m := range deviceMappings(path) {
		if before[m] {
			continue
		}
		// Converted in place of the address itself, as it is no Go memory.
		start := uintptr(m.start)
		// Fails for a bad address only.
		_ = unix.MunmapPtr(*(*unsafe.Pointer)(unsafe.Pointer(&start)), uintptr(m.end-m.start))
	}
}
