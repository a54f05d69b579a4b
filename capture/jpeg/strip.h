#ifndef PUSHCAM_JPEG_STRIP_H
#define PUSHCAM_JPEG_STRIP_H

#include <stdint.h>

// A JPEG has full range, luma and chroma 0 to 255 (ITU-T T.871 section 7); a
// Frame has limited range, luma 16 to 235 and chroma 16 to 240 (ITU-R BT.601).
// Written so that compilers use vector instructions of eight 16-bit lanes.

void pushcam_strip_luma(uint8_t *restrict to, const uint8_t *restrict from, int width);

// pushcam_strip_chroma averages rows a and b, which may be the same, and with
// across 2 each two neighbours, into width samples.
void pushcam_strip_chroma(uint8_t *restrict to, const uint8_t *a, const uint8_t *b, int width, int across);

// These go the other way, sample by sample. What is outside the limited range
// counts as its end.
void pushcam_strip_full_luma(uint8_t *restrict to, const uint8_t *restrict from, int width);
void pushcam_strip_full_chroma(uint8_t *restrict to, const uint8_t *restrict from, int width);

#endif
