// Package capture turns a camera into encoded pictures: one camera, opened
// only while somebody looks, and one encoder for each codec and size in use,
// however many look.
//
//	Camera ── Frame ──▶ slot ──▶ Encoder ── AccessUnit ──▶ Subscription
//	  ▲                 (newest)  (one per codec and rung) ├▶ Subscription
//	  │                                                    └▶ Subscription
//	Source: opens on the first Subscription, closes Linger after the last,
//	        reopens with backoff after any device error, and offers Slates
//	        in the camera's place meanwhile
//
// Invariants:
//
//   - Nothing queues before an encoder: a late consumer skips Frames, and the
//     skipped ones are counted.
//   - A Frame is shared and read-only once published, and lives until its last
//     Release. An AccessUnit is immutable and needs no release.
//   - Everything a Subscription hands out can be decoded: the first
//     AccessUnit, and the first after a drop, is a keyframe.
//   - A Frame is made smaller once for all who want it at that size.
//   - A Subscription that moves to another Rung misses no picture and gets none
//     twice: its pictures are of one rung up to a keyframe of the other.
//   - A Snapshot is a Frame of the camera, in good light if there is any: it
//     counts as demand, and needs no encoder. So does an Onlooker, who gets all
//     Frames, or as many as it can take.
//   - When there is too little CPU, less is made of each rendition's pictures,
//     in steps (Effort); what the camera encoded is left as it is.
//   - Pictures go into temporal layers, of which a reader can leave out the
//     upper ones, only while one does: layers cost quality, or time.
//   - A device error never ends a Subscription; only Close and the end of the
//     Source do.
//
// The package is pure Go and knows no WebRTC, no network and no device:
// cameras (camera, pattern) and encoders (x264, vp8) are leaf packages that
// the program's main package brings together.
package capture
