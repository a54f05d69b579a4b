// Package x264 encodes Frames as H.264 constrained baseline with libx264, set
// for one live picture after the other.
//
//	Frame ── planes, by pointer ──▶ libx264 ── one copy ──▶ AccessUnit
//	   └ Time ──▶ Cadence ──▶ budget ──▶ bits per picture ─┘
//
// Invariants:
//
//   - One C call for each picture, which keeps nothing of the Frame.
//   - No look-ahead, no B slices: each Frame gives its AccessUnit.
//   - Every preset stays constrained baseline, and the SPS says so: profile
//     42e0, level 3.1 for 720p at 30 pictures a second.
//   - Keyframes only on demand and at a change of size. Each is an IDR picture
//     behind its SPS and PPS, and bounded in bytes.
//   - The bitrate holds at the rate at which pictures really come.
//
// libx264 is under the GNU GPL version 2 or later, and so is a binary that
// links it.
package x264
