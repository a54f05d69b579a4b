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
//   - Nothing waits for the network. A packet that the socket has no room for
//     is dropped and counted, as a switch on the way would do.
//   - Packets to one address leave in the order in which they were written,
//     whoever wrote them: what others write to an address with a Route joins
//     its Batch too.
//   - A written packet is copied, the writer may use its buffer again.
//   - What a Batch holds is bounded. When it is full it sends.
//   - No allocation for a packet, nor for a Batch that is sent.
//
// Reading is as with any socket: a viewer sends a few packets a second, for
// which a system call each is cheap enough.
package udp
