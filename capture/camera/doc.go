// Package camera opens a local camera (V4L2 on Linux, AVFoundation on macOS)
// through the driver layer of pion/mediadevices, and nothing above that layer:
// its Track would build one encoder per viewer.
//
//	mediadevices driver registry
//	  │ scan: look again, open each, read its modes
//	  ▼
//	[]Device ── Select(what the user said) ──▶ Device ── Choose(size, rate) ──▶ mode
//	                                                                            │
//	                 capture.Frame ◀── I420, pooled ◀── image ◀── open, record ◀┘
//
// Invariants:
//
//   - Every Open looks for the devices again, so a camera that was unplugged
//     and comes back under another number is found by its stable name.
//   - What is picked depends on what there is and what was asked, never on
//     the order in which the system or a map lists it.
//   - A driver is closed once, whatever fails: mediadevices' second Close
//     closes a file descriptor that is somebody else's by then.
//   - A broken picture is skipped and counted. Only a device that is gone, or
//     delivers nothing for long, is an error.
//
// What mediadevices hides cannot be told here either: a Frame's Time is when
// it was read, as the driver's timestamp is dropped; a driver that changes the
// size of an uncompressed mode behind our back is only seen when its pictures
// come out too short.
package camera
