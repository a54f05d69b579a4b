// Package feed is cameras that are no devices: a file, a FIFO, standard input,
// or the output of a command.
//
//	bytes ── begin, recognized ──▶ cutter ── picture ──▶ newest ── decode ──▶ Frame
//	          Y4M, MJPEG, H.264                          (or due)
//
//	Path     a regular file, shown at its own rate, again and again; or a FIFO
//	Input    standard input
//	Command  what a command line writes to its standard output
//
// Invariants:
//
//   - What bytes are is seen from the bytes, never from a name.
//   - What is live is always read: the newest picture is shown, older ones are
//     dropped, and delay cannot grow. A FIFO and standard input are read while
//     nobody looks too (Run), or their writer would stop in the middle of a
//     picture, queue up old ones, or be ended by SIGPIPE.
//   - A command runs from Open to Close. Close leaves nothing of its process
//     group behind.
//   - A broken picture is skipped and counted. Many in a row, silence, and the
//     end of a live feed are errors; opening again is the caller's business.
//   - Bytes, and commands, are hostile: memory is bounded, whatever they say.
package feed
