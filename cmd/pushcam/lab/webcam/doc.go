//go:build lab && linux

// Command webcam plays a USB webcam, in the virtual machine of the lab. The
// kernel there has a USB host controller, vhci_hcd, whose wire is a socket
// (kernel document "usb/usbip_protocol"); at its other end this program answers
// as a device of the USB Video Class 1.0 does: descriptors, the negotiation of a
// mode, one control, and MJPEG in isochronous packets.
//
//	webcam [-port 0] [-serial 0001]
//
//	pushcam ─▶ uvcvideo ─▶ USB core ─▶ vhci_hcd ══ socket ══ device ─▶ control
//	                                                           └─────▶ stream ◀─ film
//
// To kill it is to pull the plug: the host sees the device vanish. The kernel's
// own emulated device controllers, dummy_hcd and usbip-vudc, do not carry
// isochronous packets, which its own webcam gadget, usb_f_uvc, sends.
package main
