// Package lab tries the program on a real V4L2 device. Machines that build it
// have none, a virtual machine does: vivid, the kernel's virtual camera, with
// real streaming, real ioctls, unplugging and faults that command fault injects;
// v4l2loopback, to which command loopback writes the MJPEG that most cameras
// deliver; and a USB webcam, played by command webcam, behind the kernel's USB
// core and its driver for such cameras, whose plug can be pulled.
//
//	go test -tags lab ./cmd/pushcam/lab/
//
//	apt-get download linux-image ─▶ vmlinuz, modules ─┐
//	go build, static ─▶ the program under test ───────┼▶ initramfs ─▶ qemu (TCG)
//	busybox ──────────────────────────────────────────┘                  │
//	                     the test reads the console until "LAB end" ◀────┘
//
// It needs Debian on amd64 with busybox-static, qemu-system-x86, xz-utils, make
// and what building the program needs. The kernel package is downloaded once,
// into .build/lab, v4l2loopback is built for it there, and nothing is installed.
//
// Time in the emulated machine is slow, so nothing here judges speed.
package lab
