#ifndef PUSHCAM_JPEG_ENCODE_H
#define PUSHCAM_JPEG_ENCODE_H

#include <stddef.h>
#include <stdint.h>

// pushcam_jpeg_encode makes a JFIF picture of I420 in limited range; width and
// height are even. It returns memory that the caller frees, or NULL and a
// reason.
uint8_t *pushcam_jpeg_encode(const uint8_t *y, const uint8_t *u, const uint8_t *v,
	int width, int height, int y_stride, int uv_stride, int quality,
	size_t *length, char *reason, size_t reason_size);

#endif
