#include "strip.h"

// 219/255 and 224/255 in 256ths are 219.86 and 224.88; 220 and 225 are off by
// less than a seventh of a step at the ends.
static inline uint8_t limit_luma(uint16_t v) { return (uint16_t)(v * 220 + 128) / 256 + 16; }

// 4096 puts 128 in the middle of 128.
static inline uint8_t limit_chroma(uint16_t v) { return (uint16_t)(v * 225 + 4096) / 256; }

void pushcam_strip_luma(uint8_t *restrict to, const uint8_t *restrict from, int width)
{
	for (int x = 0; x < width; x++)
		to[x] = limit_luma(from[x]);
}

void pushcam_strip_chroma(uint8_t *restrict to, const uint8_t *a, const uint8_t *b, int width, int across)
{
	if (across == 2) {
		for (int x = 0; x < width; x++)
			to[x] = limit_chroma((uint16_t)(a[2 * x] + a[2 * x + 1] + b[2 * x] + b[2 * x + 1] + 2) / 4);
		return;
	}
	if (a == b) {
		for (int x = 0; x < width; x++)
			to[x] = limit_chroma(a[x]);
		return;
	}
	for (int x = 0; x < width; x++)
		to[x] = limit_chroma((uint16_t)(a[x] + b[x] + 1) / 2);
}

static inline uint16_t clamp(uint16_t v, uint16_t from, uint16_t to)
{
	return v < from ? from : v > to ? to : v;
}

// The inverses of the above: what they make becomes the same again.
void pushcam_strip_full_luma(uint8_t *restrict to, const uint8_t *restrict from, int width)
{
	for (int x = 0; x < width; x++)
		to[x] = (uint16_t)((clamp(from[x], 16, 235) - 16) * 256 + 110) / 220;
}

void pushcam_strip_full_chroma(uint8_t *restrict to, const uint8_t *restrict from, int width)
{
	for (int x = 0; x < width; x++)
		to[x] = (uint16_t)((clamp(from[x], 16, 240) - 16) * 256 + 224) / 225;
}
