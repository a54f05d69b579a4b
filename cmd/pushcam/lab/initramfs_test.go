//go:build lab

package lab

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"path"
	"slices"
	"strings"
	"testing"
)

// initramfs is the only file system of the virtual machine.
type initramfs struct {
	archive bytes.Buffer // cpio, format newc (kernel: driver-api/early-userspace/buffer-format)
	inode   int
	folders []string
}

const (
	modeFolder  = 0o040755
	modeProgram = 0o100755
	modeDevice  = 0o020600
)

// add writes a program or script; its folders come first, as the kernel makes
// none by itself.
func (fs *initramfs) add(name string, content []byte) {
	fs.folder(path.Dir(name))
	fs.entry(name, modeProgram, 0, 0, content)
}

func (fs *initramfs) folder(name string) {
	if name == "." || slices.Contains(fs.folders, name) {
		return
	}
	fs.folder(path.Dir(name))
	fs.folders = append(fs.folders, name)
	fs.entry(name, modeFolder, 0, 0, nil)
}

func (fs *initramfs) entry(name string, mode, major, minor int, content []byte) {
	fs.inode++
	// magic, ino, mode, uid, gid, nlink, mtime, size, dev, rdev, name, check
	fmt.Fprintf(&fs.archive, "070701%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%s\x00",
		fs.inode, mode, 0, 0, 1, 0, len(content), 0, 0, major, minor, len(name)+1, 0, name)
	fs.align()
	fs.archive.Write(content)
	fs.align()
}

func (fs *initramfs) align() {
	for fs.archive.Len()%4 != 0 {
		fs.archive.WriteByte(0)
	}
}

// pack ends the archive.
func (fs *initramfs) pack(t *testing.T) []byte {
	t.Helper()
	fs.entry("TRAILER!!!", 0, 0, 0, nil)
	var out bytes.Buffer
	w, err := gzip.NewWriterLevel(&out, gzip.BestSpeed)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(fs.archive.Bytes()); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// initScript is the first process: it makes the machine usable, inserts the
// modules in order, and runs /run.sh.
func initScript(modules []string, parameters string) []byte {
	var s strings.Builder
	s.WriteString(`#!/bin/busybox sh
/bin/busybox --install -s /bin
export PATH=/bin
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
mount -t tmpfs tmp /tmp
ip link set lo up
echo 'viewer:x:1000:1000::/:/bin/sh' > /etc/passwd
`)
	for i, m := range modules {
		if i == len(modules)-1 {
			m += ".ko " + parameters
		} else {
			m += ".ko"
		}
		fmt.Fprintf(&s, "insmod /modules/%s || echo 'LAB FAIL insmod %s'\n", m, m)
	}
	s.WriteString(`echo "LAB start"
sh /run.sh
echo "LAB end $?"
poweroff -f
`)
	return []byte(s.String())
}
