// Package viewer is a receiving WebRTC peer without a screen: what `pushcam
// watch` runs many of, and what the tests and benchmarks of package peer use
// as the other side.
//
//	            Answer(offer)  or  Offer / SetAnswer,  AddCandidate
//	                              │
//	TrackRemote ── RTP, RTX ──▶ sequencer ──▶ assembler ──▶ OnPicture
//	     ▲                      (order, loss)  (pictures)      │
//	     ├── NACK ◀── missing ─┘            │ broken           ▼
//	     └── PLI  ◀─────────────────────────┘                Stats ──▶ Aggregate
//
// It checks that pictures are whole and can be decoded in sequence; it decodes
// none of them. Use:
//
//	v, err := viewer.New(viewer.Config{OnCandidate: send})
//	...
//	answer, err := v.Answer(ctx, offer)
//	...
//	err = v.Run(ctx) // receives until ctx ends
//	fmt.Println(viewer.Aggregate([]viewer.Stats{v.Stats()}))
//
// Invariants:
//
//   - What the peer sends is hostile: nothing it sends makes a Viewer panic or
//     hold more than a bounded amount of memory.
//   - A Viewer has its own UDP sockets. Several behind one socket would share
//     one address, and a server with a single media port tells its viewers
//     apart by just that.
//   - Pion's callbacks only post; all state belongs to Run's goroutine, and
//     Stats reads a copy that it publishes.
//
// Pion's samplebuilder is not used: it takes 1 MB for each viewer, gives a
// picture out only with the first packet of the next one, and its H.264
// depacketizer carries an unfinished fragment over a loss into the next
// picture. Its NACK generator is not used either, see nacker.
package viewer
