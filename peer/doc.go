// Package peer sends the camera to viewers over WebRTC: one Session, with one
// PeerConnection, for each Viewer.
//
//	capture.Subscription ─▶ shard: Packetizer ─▶ SRTP ─▶ Batch ─▶ the shared UDP port
//	        ▲ keyframe        ▲ NACK, RR, REMB                          │
//	        └─────────────────┴──────────── feedback ◀──────────────────┘
//
// The Hub makes Sessions, bounds their number and ends them. Its shards, as many
// as there are CPUs, send for them: a Subscription that has a picture posts its
// Session to a shard, and so does feedback that wants an answer. A Session takes
// a place at the Source before it makes its offer, so that the camera opens, and
// a keyframe is encoded, while the negotiation, ICE and DTLS are still at work;
// with that it begins when the connection is up. It is an ICE-lite agent:
// the viewer checks and nominates, we answer. What its viewer's path carries,
// and so which pictures it gets, is decided with package governor.
//
// Invariants:
//
//   - A Session has its own sequence numbers, timestamps and picture ids;
//     encoded pictures and their Fragments are shared and never copied or
//     rewritten.
//   - A viewer that is slow, gone or hostile costs itself only: its
//     Subscription drops pictures, its Session ends, nobody else notices.
//   - What sends never blocks: a socket or a queue that is full drops, and the
//     drop is counted.
//   - RTP timestamps come from capture times.
//
// The package is pure Go; the sockets are in peer/mux and peer/udp.
package peer
