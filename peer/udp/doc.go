// Package udp is the socket that the packets of all viewers leave by. It sends
// what one sender writes in a round, to all its viewers, in one system call.
//
//	sender ─ Open ─▶ write(A) write(A) write(A) write(B) write(B) … ─ Flush ─▶
//	                 └──────────── Batch: copied, in order ───────┘      │
//	                 ┌─ run to A ──────────────────┬─ run to B ────────┐ │ sendmmsg
//	                 │ 1160 B │ 1160 B │ 870 B     │ 1160 B │ 400 B    │◀┘
//	                 └─ UDP_SEGMENT = 1160 ────────┴─ UDP_SEGMENT = …──┘
//	anyone ─ write(no Route, or its Batch is not open) ─▶ sendto, at once
//
// A run is packets of equal size to one address, of which the last may be
// smaller. The kernel takes it as one message and cuts it as late as it can,
// in the network card at best (UDP generic segmentation offload, Linux 4.18,
// udp(7)). Where it cannot, each packet is a message of its own; where there is
// no sendmmsg either, as on a Mac, each is a system call. See Way.
//
// Invariants:
//
//   - No writer waits for the network. What the full socket does not take of a
//     Batch is left to a goroutine, within a bound; beyond it, and outside
//     Batches, packets are dropped and counted.
//   - Packets that join a Batch leave in the order in which they were written,
//     whoever wrote them: what others write to an address with a Route joins
//     too.
//   - A written packet is copied, the writer may use its buffer again.
//   - What a Batch holds is bounded. When there is no room it sends.
//   - No allocation for a packet, nor for a Batch that is sent.
//
// Reading is as with any socket: a viewer sends a few packets a second, for
// which a system call each is cheap enough.
package udp
