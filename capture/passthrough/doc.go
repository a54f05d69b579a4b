// Package passthrough is the encoder for cameras that encode by themselves: it
// sends on what they deliver, and encodes nothing.
//
//	coded Frame ──▶ Encoder ──▶ AccessUnit      its payload, uncopied
//	    ▲             │  │
//	    └─ keyframe? ─┘  └──▶ encoder of planes  for Frames that are not coded: a
//	                                             Slate, a camera in another mode
//
// Invariants:
//
//   - What goes out can be decoded: it starts with a keyframe, and after a
//     picture that is missing, and after each change from one way to the other,
//     with another one.
//   - A camera is asked for a keyframe when one is needed, and not again while
//     it may still be on its way.
//   - The encoder of planes exists only while there are Frames for it.
//
// What it cannot do is change what the camera does: SetBitrate counts for
// Frames with planes only.
package passthrough
