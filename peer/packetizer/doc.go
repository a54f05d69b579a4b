// Package packetizer turns AccessUnits into RTP packets (RFC 3550) in two
// steps, so that the work on a picture's bytes is done once for all viewers:
//
//	AccessUnit ── Cut ──▶ Fragments          once per picture, no copy
//	Fragments ── Packetizer ──▶ RTP packets  once per viewer: sequence number,
//	                                         timestamp, picture ids
//
// Payload formats: H.264 by RFC 6184 in packetization mode 1 (single NAL unit
// and FU-A packets), VP8 by RFC 7741 with temporal layers. Lost packets are made
// again, from references to the pictures that all viewers share, and sent as RFC
// 4588 says: a viewer costs no copies, and no allocation.
//
// Invariants: the sequence numbers of one Packetizer have no gaps, and neither
// have picture ids, whichever pictures a viewer is not sent; the marker
// bit is set on the last packet of each picture and nowhere else; a payload is
// at most MaxPayload bytes.
package packetizer
