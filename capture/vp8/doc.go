// Package vp8 encodes Frames as VP8 (RFC 6386) with libvpx, set for one live
// picture after the other.
//
//	Frame ── planes, by pointer ──▶ libvpx ── one copy ──▶ AccessUnit
//
// Invariants:
//
//   - One C call for each picture, which keeps nothing of the Frame.
//   - No look-ahead and no skipped pictures: each Frame gives its AccessUnit.
//   - Keyframes only on demand and at a change of size, and bounded in bytes.
//   - Layers, while they are wanted, are three, and any picture above the
//     lowest can be left out without a trace in those below it.
//   - The bitrate holds at the rate at which pictures really come, and follows
//     a new target within half a second.
package vp8
