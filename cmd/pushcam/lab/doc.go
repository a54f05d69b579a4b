// Package lab tries the program on a real V4L2 device. Machines that build it
// have none, a virtual machine does: vivid, the kernel's virtual camera, with
// real streaming, real ioctls, unplugging and faults that command fault injects;
// v4l2loopback, to which command loopback writes the MJPEG that most cameras
// deliver; and a USB webcam, played by command webcam, behind the kernel's USB
// core and its driver for such cameras, whose plug can be pulled. The kernel's
// virtual codec, vicodec, plays the hardware encoder.
//
//	go test -tags lab ./cmd/pushcam/lab/
//
//	apt-get download linux-image ─▶ vmlinuz, modules ─┐
//	go build, static ─▶ the program under test ───────┼▶ initramfs ─▶ qemu (TCG)
//	busybox ──────────────────────────────────────────┘                  │
//	                     the test reads the console until "LAB end" ◀────┘
//
// TestArm64 does the same with the binary for a Raspberry Pi, on a machine with
// its processor.
//
// TestSettings asks the program in the machine over HTTP, and has its page in
// Chromium: the machine's port is forwarded, and the test types into its console.
//
// It needs Debian on amd64 with busybox-static, qemu-system-x86, qemu-system-arm,
// chromium, curl, xz-utils, make and what building the program for both needs. The kernel
// packages are downloaded once, into .build/lab, v4l2loopback and, from the
// kernel's source, vicodec are built for one there, and nothing is installed.
//
// Time in the emulated machine is slow, so nothing here judges speed.
package lab
