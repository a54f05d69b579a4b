// Command pushcam shows a camera of this machine to every browser on the
// network: it encodes the picture once and sends it to each viewer over WebRTC.
//
//	pushcam serve      (or just pushcam) serves the camera
//	pushcam devices    lists the cameras and the mode that would be picked
//	pushcam set        sets controls of a camera, and keeps them
//	pushcam watch URL  counts what headless viewers receive
//	pushcam passwd     makes the hash of a password, or a token
//	pushcam pattern    writes the test pattern as Y4M
//
// This package is the only place where the others meet. It reads the
// configuration, joins camera, encoders, viewers and signaling, and closes all
// of them again:
//
//	capture/camera ─┐                                ┌─ signal/ws
//	capture/pattern ┼▶ capture.Source ─▶ peer.Hub ◀──┤
//	capture/feed    ┘          ▲                     └─ web
//	capture/{x264,vp8} ────────┘
//
// Invariants:
//
//   - A wrong value is one line on standard error and exit code 2, before
//     anything has started.
//   - A flag counts more than the environment, the environment more than the
//     file, the file more than the default.
//   - The first SIGINT or SIGTERM closes everything within 3 seconds, the
//     second ends the process at once.
package main
