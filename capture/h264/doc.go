// Package h264 reads the syntax of H.264 (ITU-T H.264) as far as it matters to
// who passes pictures on without decoding them.
//
//	byte stream ── Splitter ──▶ access unit ── NALs ──▶ NAL unit ── ParseSPS ──▶ SPS
//	device's buffers ── Buffers ──▶ access units         └── ParameterSets ──▶ SPS and PPS, for later
//	an encoder's access units ── Layers ──▶ access units of which every second can be left out
//
// An access unit is one coded picture with what belongs to it, as an Annex B
// byte stream: NAL units, each behind a start code 00 00 01 that may have more
// zeros before it.
//
// Invariants: any input is safe to read; nothing grows beyond a bound; a NAL
// unit shares the memory of the stream that it was found in.
package h264
