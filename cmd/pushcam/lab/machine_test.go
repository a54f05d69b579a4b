//go:build lab

package lab

import (
	"bufio"
	"context"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// machine describes one run of the virtual machine.
type machine struct {
	platform platform          // amd64 when it has no name
	programs map[string]string // files of this machine, by their path in that one
	script   string            // run by the shell of busybox
	camera   cameraModule      // vivid when it has no name
	limit    time.Duration     // after which it is killed
}

// cameraModule is the kernel module that makes the camera.
type cameraModule struct {
	name       string
	parameters string
	file       string            // built here; "" is from the kernel package
	after      []string          // modules that it does not know it needs
	with       map[string]string // files of other modules that were built here, by name
}

// boot runs the machine and returns the lines of its console from the start of
// the script to its end. The test fails when the script does not end with 0.
func (m machine) boot(t *testing.T) []string {
	t.Helper()
	kernel, image := m.build(t)
	return m.watch(t, kernel, image)
}

// build returns the files that the machine is started from.
func (m *machine) build(t *testing.T) (kernel, image string) {
	t.Helper()
	if m.platform.debian == "" {
		m.platform = amd64
	}
	k := fetchKernel(t, m.platform)
	if m.camera.name == "" {
		m.camera.name, m.camera.parameters = "vivid", "n_devs=1 node_types=0x1"
	}
	if m.camera.file != "" {
		k.modules[m.camera.name] = m.camera.file
	}
	maps.Copy(k.modules, m.camera.with)
	order, modules := k.load(t, append(m.camera.after, m.camera.name)...)
	var fs initramfs
	for _, name := range []string{"bin", "etc", "proc", "sys", "dev", "tmp"} {
		fs.folder(name)
	}
	// The kernel opens it for the first process before anything is mounted.
	fs.entry("dev/console", modeDevice, 5, 1, nil)
	fs.add("bin/busybox", read(t, m.platform.fetchBusybox(t)))
	for name, ko := range modules {
		fs.add("modules/"+name+".ko", ko)
	}
	for name, file := range m.programs {
		fs.add(name, read(t, file))
	}
	fs.add("init", initScript(order, m.camera.parameters))
	fs.add("run.sh", []byte(m.script))
	image = filepath.Join(t.TempDir(), "initramfs.gz")
	if err := os.WriteFile(image, fs.pack(t), 0o600); err != nil {
		t.Fatal(err)
	}
	return k.image, image
}

// qemu is the command that runs it, with its console at standard input and output.
func (m machine) qemu(ctx context.Context, kernel, image string, more ...string) *exec.Cmd {
	args := slices.Concat(m.platform.qemu[1:], []string{
		"-accel", "tcg,thread=multi", "-smp", "2", "-m", "1024",
		"-nodefaults", "-display", "none", "-serial", "stdio", "-no-reboot",
		"-kernel", kernel, "-initrd", image, "-append", "console=" + m.platform.console + " quiet loglevel=3 panic=-1",
	}, more)
	qemu := exec.CommandContext(ctx, m.platform.qemu[0], args...)
	qemu.WaitDelay = 5 * time.Second
	qemu.Stderr = os.Stderr
	return qemu
}

func (m machine) watch(t *testing.T, kernel, image string) []string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), m.limit)
	defer cancel()
	qemu := m.qemu(ctx, kernel, image)
	console, err := qemu.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := qemu.Start(); err != nil {
		t.Fatal(err)
	}
	var lines []string
	started, status := false, ""
	for scanner := bufio.NewScanner(console); scanner.Scan(); {
		line := strings.TrimRight(scanner.Text(), "\r")
		t.Log(line)
		end, isEnd := strings.CutPrefix(line, "LAB end ")
		switch {
		case strings.HasPrefix(line, "LAB FAIL"):
			t.Error(line)
		case line == "LAB start":
			started = true
		case isEnd:
			status = end
		case started && status == "":
			lines = append(lines, line)
		}
	}
	err = qemu.Wait()
	switch {
	case ctx.Err() != nil:
		t.Fatalf("the machine did not end within %v", m.limit)
	case err != nil:
		t.Fatalf("qemu: %v", err)
	case !started:
		t.Fatal("the machine did not get to the script")
	case status != "0":
		t.Errorf("the script ended with status %q, want 0", status)
	}
	return lines
}

func read(t *testing.T, file string) []byte {
	t.Helper()
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return content
}
