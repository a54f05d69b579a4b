// Package peer sends the camera to viewers over WebRTC: one Session, with one
// PeerConnection, for each Viewer.
//
//	capture.Subscription ─▶ Packetizer ─▶ track ─▶ SRTP ─▶ the shared UDP port
//	        ▲ keyframe                                          │
//	        └───────────── feedback: PLI, FIR, NACK, RR ◀───────┘
//
// The Hub makes Sessions, bounds their number and ends them. A Session takes
// its place at the Source when the negotiation has settled a codec, so that
// the camera opens while ICE and DTLS are still at work, and sends from the
// first keyframe after the connection is up.
//
// Invariants:
//
//   - A Session has its own sequence numbers, timestamps and picture ids;
//     encoded pictures and their Fragments are shared and never copied or
//     rewritten.
//   - A viewer that is slow, gone or hostile costs itself only: its
//     Subscription drops pictures, its Session ends, nobody else notices.
//   - RTP timestamps come from capture times.
//
// The package is pure Go; the sockets are in peer/mux.
package peer
