// Package v4l2 reads a camera through Linux's Video4Linux2 (kernel document
// "userspace-api/media/v4l"), in pure Go: ioctls, shared buffers, poll.
//
//	List ─▶ Node ─▶ Open ─▶ Device ── Modes, SetFormat, SetInterval, Controls, Set, Apply
//	                          │ Start
//	                          ▼
//	     driver ◀── QBUF ── Queue ── DQBUF, the newest ──▶ Next ──▶ Buffer
//	        ▲                                                         │ Release, by its last reader
//	        └─────────────────────────────────────────────────────────┘
//
//	mediadevices registry ◀── Driver (an Open, Modes, SetFormat, Start, Next in its words)
//
// A memory-to-memory device that encodes H.264, as the Raspberry Pi 3, 4 and
// Zero 2 have one, is a capture.Encoder (kernel document "Memory-to-Memory
// Stateful Video Encoder Interface"):
//
//	ListEncoders ─▶ EncoderNode ─▶ NewEncoder ─▶ Encoder
//	                                               │ Encode, one picture at a time
//	   Frame ── copied ──▶ OUTPUT queue ──▶ device ┴──▶ CAPTURE queue ── copied ──▶ AccessUnit
//
// Invariants:
//
//   - A picture is the driver's memory, uncopied. The driver gets it back when
//     nobody reads it, and not before; its memory stays mapped until then, also
//     when the Device has long been closed.
//   - What counts is the driver's answer: size, stride, rate, color. An answer
//     that cannot be is an error, never a slice out of range.
//   - A picture's Time is when the driver says it was taken, by a clock that
//     neither jitters nor jumps. Lost and broken pictures are counted.
//   - A broken picture is skipped. A device that is gone, hangs or fails is an
//     error that says what to do, within a bounded time.
//   - Close works in every state, from every goroutine, twice; it wakes who
//     waits, and nothing stays open or mapped after a step that failed.
//   - An encoder that hangs, fails, or writes what the SDP does not announce is an
//     error within a bounded time. Each of its keyframes has SPS and PPS before
//     it.
//
// There is no C. TestLayout compares the structures with the kernel's header.
// Everything but the system calls is compiled, and tested against a fake
// device, on every system.
package v4l2
