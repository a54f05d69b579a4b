#ifndef PUSHCAM_JPEG_BRIDGE_H
#define PUSHCAM_JPEG_BRIDGE_H

#include <stddef.h>
#include <stdint.h>

enum {
	PUSHCAM_JPEG_OK,
	PUSHCAM_JPEG_CORRUPT,     // not a JPEG, damaged, or cut off
	PUSHCAM_JPEG_UNSUPPORTED, // a JPEG, but not of a kind that cameras make
	PUSHCAM_JPEG_MEMORY,
};

typedef struct pushcam_jpeg pushcam_jpeg;

// pushcam_jpeg_new returns NULL when memory is short.
pushcam_jpeg *pushcam_jpeg_new(void);
void pushcam_jpeg_free(pushcam_jpeg *d);

// pushcam_jpeg_header reads the size. Like decode it reads data during the
// call only.
int pushcam_jpeg_header(pushcam_jpeg *d, const uint8_t *data, size_t length);
int pushcam_jpeg_width(const pushcam_jpeg *d);
int pushcam_jpeg_height(const pushcam_jpeg *d);

// pushcam_jpeg_decode writes a picture of the given size, both even, as I420
// in limited range; a JPEG of any other size is corrupt.
int pushcam_jpeg_decode(pushcam_jpeg *d, const uint8_t *data, size_t length,
	uint8_t *y, uint8_t *u, uint8_t *v, int width, int height, int y_stride, int uv_stride);

// pushcam_jpeg_reason says why the last call did not return OK.
const char *pushcam_jpeg_reason(const pushcam_jpeg *d);

#endif
