// Package yuv turns the raw pictures of cameras into I420, and makes them
// smaller, with libyuv.
//
//	YUYV UYVY NV12 NV21 I420 GREY ── Convert ──▶ capture.Frame
//	capture.Frame ─────────────────── Scale ───▶ capture.Frame, smaller
//
// Invariants: a picture that is shorter than its format, size and stride say is
// an error and nothing is read beyond it; nothing is allocated.
//
// It is built on Linux only, where our own V4L2 device delivers such pictures:
// elsewhere mediadevices converts them, and libyuv need not be there.
package yuv
