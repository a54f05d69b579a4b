//go:build lab && linux

package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"syscall"
)

// attachFile plugs in a device (kernel: drivers/usb/usbip/vhci_sysfs.c).
const attachFile = "/sys/devices/platform/vhci_hcd.0/attach"

func main() {
	port := flag.Uint("port", 0, "port of the host controller to plug it into")
	serial := flag.String("serial", "0001", "serial number")
	flag.Parse()
	if err := run(*port, *serial); err != nil {
		fmt.Fprintln(os.Stderr, "webcam:", err)
		os.Exit(1)
	}
}

// run answers the host until that closes the connection.
func run(port uint, serial string) error {
	film, err := shoot()
	if err != nil {
		return err
	}
	wire, err := plug(port)
	if err != nil {
		return err
	}
	d := newDevice(wire, serial, film)
	for {
		if err := d.answer(); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
	}
}

// plug connects a socket to a port of the host and returns our end of it.
func plug(port uint) (*os.File, error) {
	ends, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("socketpair: %w", err)
	}
	defer syscall.Close(ends[1]) //nolint:errcheck // the kernel holds it
	const (
		device    = 1 // any number
		highSpeed = 3 // USB_SPEED_HIGH
	)
	line := fmt.Sprintf("%d %d %d %d", port, ends[1], device, highSpeed)
	if err := os.WriteFile(attachFile, []byte(line), 0); err != nil {
		return nil, fmt.Errorf("plug into port %d: %w", port, err)
	}
	return os.NewFile(uintptr(ends[0]), "wire"), nil
}
