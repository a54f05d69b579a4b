// Package jpeg decodes the JPEG pictures of a camera (MJPEG) into Frames, and
// makes a JPEG of a Frame, with libjpeg-turbo.
//
//	JPEG ── header ──▶ size ──▶ Frame from the pool
//	  └──── one row of MCUs at a time ──▶ chroma to 4:2:0, range to limited ──▶ planes
//
// Invariants:
//
//   - A Frame comes only of a whole picture: one that is damaged or cut off is
//     ErrCorrupt. What webcams do and the picture survives is forgiven: padding
//     between markers, no end marker, no Huffman tables.
//   - Nothing of the header is trusted: the size is bounded, and a picture of
//     several scans, which could ask for any amount of work, is ErrUnsupported.
//   - In steady state nothing is allocated.
//
// It uses libjpeg's own interface and not TurboJPEG's: that one keeps only the
// text of the last warning, so padding cannot be told from damage.
package jpeg
