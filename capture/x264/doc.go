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
//     behind its SPS and PPS, and with the pictures behind it bounded in bytes:
//     it is through a path of 1.2 times the bitrate in 150 ms.
//   - The bitrate holds at the rate at which pictures really come, and follows
//     a new target within half a second.
//
// There are no layers. That each picture refers to even ones only
// (x264_encoder_invalidate_reference) costs up to 3 % of the bitrate with the
// default preset at the same average PSNR, and saves 2 to 11 % when the odd ones
// have a quantizer 3 higher. But libx264 marks each P picture as a reference and
// counts it in frame_num: one that is left out is a gap, which decoders may take
// for loss. All slice headers would have to be written anew (nal_ref_idc,
// frame_num, the list of references), so a viewer on a poor path gets the next
// rung instead.
//
// Keyframes are no intra refresh: libx264 does not stop refreshing, which at
// 640x360 and 500 kbit/s costs 2.1 dB when one begins each second, 1.1 dB every
// two seconds and 0.3 dB every four. Who joins waits as long, and never gets an
// IDR picture to begin with.
//
// libx264 is under the GNU GPL version 2 or later, and so is a binary that
// links it.
package x264
