// Package x264 encodes Frames as H.264 constrained baseline with libx264, set
// for one live picture after the other.
//
//	Frame ── planes, by pointer ──▶ libx264 ── one copy ──▶ h264.Layers ──▶ AccessUnit
//	   └ Time ──▶ Cadence ──▶ budget ──▶ bits per picture ─┘
//
// Invariants:
//
//   - One C call for each picture, which keeps nothing of the Frame.
//   - No look-ahead, no B slices: each Frame gives its AccessUnit.
//   - Every preset stays constrained baseline, and the SPS says so: profile
//     42e0, level 3.1 for 720p at 30 pictures a second.
//   - Keyframes only on demand and at a change of size. Each is an IDR picture
//     behind its SPS and PPS, and with the pictures behind it bounded in bytes:
//     it is through a path of 1.2 times the bitrate in 150 ms.
//   - The bitrate holds at the rate at which pictures really come, and follows
//     a new target within half a second.
//
// With layers, every second picture is one to which no other refers
// (x264_encoder_invalidate_reference), and can be left out. libx264 marks it as a
// reference nonetheless; h264.Layers writes its slice headers, and those of what
// follows, anew. Such a picture has a quantizer 2 higher than the one before it.
// On capturetest's scene, at 640x360 and 300 or 500 kbit/s, all pictures together
// are then as good as without layers in the first two seconds and up to 0.3 dB
// better after them (ultrafast), or 0.6 dB and less worse in those two seconds and
// as good after them (superfast). Layer 0 has 60 to 75 % of the bits. If libx264
// chose the quantizer, ultrafast would take 7 to 11 % more of them.
//
// Keyframes are no intra refresh: libx264 does not stop refreshing, which at
// 640x360 and 500 kbit/s costs 2.1 dB when one begins each second, 1.1 dB every
// two seconds and 0.3 dB every four. Who joins waits as long, and never gets an
// IDR picture to begin with.
//
// libx264 is under the GNU GPL version 2 or later, and so is a binary that
// links it.
package x264
