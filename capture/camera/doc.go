// Package camera opens a local camera (V4L2 on Linux, AVFoundation on macOS)
// through the driver layer of pion/mediadevices, and nothing above that layer:
// its Track would build one encoder per viewer.
//
//	mediadevices driver registry
//	  │ scan: look again, open each, read its modes
//	  ▼
//	[]Device ── Select(what the user said) ──▶ Device ── Choose(size, rate) ──▶ mode
//	                                                                            │
//	                 capture.Frame ◀──── decode ◀──── image ◀──── open, record ◀┘
//
// Invariants:
//
//   - Every Open looks for the devices again, so a camera that was unplugged
//     and comes back under another number is found by its stable name. It is
//     not replaced by another one, unless the user asked for Any.
//   - What is picked depends on what there is and what was asked, never on
//     the order in which the system or a map lists it.
//   - A driver is closed once, whatever fails: not each of mediadevices' own
//     bears a second Close.
//   - What the user set of a camera's controls is set again before its first
//     picture, each time; what it does not take then is logged, and no more.
//   - A broken picture is skipped and counted. Only a device that is gone, or
//     delivers nothing for long, is an error.
//
// What differs between operating systems is in System, which the program's main
// package joins: on Linux our own V4L2 device and decoders, on macOS what
// mediadevices has (Native). There a Frame's Time is when it was read.
package camera
