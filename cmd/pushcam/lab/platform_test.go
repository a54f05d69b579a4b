//go:build lab

package lab

import (
	"os"
	"path/filepath"
	"testing"
)

// platform is a kind of machine that can be emulated.
type platform struct {
	debian  string   // what Debian calls it
	folder  string   // in .build/lab
	qemu    []string // command and what chooses the machine
	console string   // device of the serial port
	busybox string   // "" is downloaded
}

var (
	amd64 = platform{
		debian: "amd64", qemu: []string{"qemu-system-x86_64", "-cpu", "max"}, console: "ttyS0", busybox: "/bin/busybox",
	}
	// The processor is a Raspberry Pi 4's, the rest of the machine is not.
	arm64 = platform{
		debian: "arm64", folder: "arm64", console: "ttyAMA0",
		qemu: []string{"qemu-system-aarch64", "-machine", "virt", "-cpu", "cortex-a72"},
	}
)

// cache is the folder of what is downloaded for it.
func (p platform) cache(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(repository(t), ".build", "lab", p.folder)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

// fetchBusybox returns the path of its busybox, which is downloaded once where
// this machine's does not do.
func (p platform) fetchBusybox(t *testing.T) string {
	t.Helper()
	if p.busybox != "" {
		return p.busybox
	}
	defer once(t, "busybox-"+p.debian)()
	cache := p.cache(t)
	program := filepath.Join(cache, "busybox", "bin", "busybox")
	if _, err := os.Stat(program); err == nil {
		return program
	}
	pattern := filepath.Join(cache, "busybox-static_*.deb")
	have, err := filepath.Glob(pattern)
	if err != nil {
		t.Fatal(err)
	}
	if len(have) == 0 {
		run(t, cache, "apt-get", "download", "busybox-static:"+p.debian)
		if have, err = filepath.Glob(pattern); err != nil || len(have) != 1 {
			t.Fatalf("apt-get download left %v in %s: %v", have, cache, err)
		}
	}
	run(t, cache, "dpkg", "-x", have[0], filepath.Join(cache, "busybox"))
	return program
}
