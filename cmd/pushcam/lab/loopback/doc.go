//go:build lab && linux

// Command loopback plays a camera that delivers MJPEG, or H.264, in the virtual
// machine of the lab: it writes pictures to a v4l2loopback device until it is
// killed.
//
//	loopback [-rate 15] [-broken] [-no-tables] [-h264 FILE] /dev/video0
//
//	image/jpeg ─▶ cut off, replaced by noise, or without tables ─▶ write(2)
package main
