// Package governor decides what each viewer is given, of what its path
// carries.
//
//	REMB, RR, NACK ─▶ Governor ─▶ estimate ─┐
//	pictures sent  ─▶                       ├─▶ Selector ─▶ rung, layers
//	    --max-bitrate ─▶ Uplink ─▶ share ───┘
//
// A Governor estimates one path from what comes back and what was sent, and
// says how much to send. A Selector turns that into a rung of the Ladder and the
// layers to send. An Uplink divides what this machine may send in all.
//
// Invariants:
//
//   - Nothing here has a clock, a goroutine or I/O: time is an argument, and the
//     same calls give the same answers.
//   - Whatever a viewer reports, and however often, memory and the work per
//     call are bounded, and it is only its own picture that changes.
package governor
