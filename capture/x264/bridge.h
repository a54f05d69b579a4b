#ifndef PUSHCAM_X264_BRIDGE_H
#define PUSHCAM_X264_BRIDGE_H

#include <stdint.h>
#include <x264.h>

// pushcam_x264 is one open encoder and the result of its last encode. All of
// its memory is C's, so Go may keep the pointer.
typedef struct {
	x264_t *handle;
	x264_param_t param;
	int64_t pictures;
	int64_t pts; // of the last encoded picture

	// The last encoded picture: x264's own memory, valid until the next
	// encode or close.
	uint8_t *payload;
	int size;
	int keyframe;
} pushcam_x264;

// pushcam_x264_config has numbers only, so that Go passes it by value.
typedef struct {
	int width, height;
	int frames_per_1000s;
	int kbps, vbv_kbit;
	int level_idc, max_refs;
	int threads;
} pushcam_x264_config;

// pushcam_x264_preset_known tells whether libx264 has a preset of that name.
int pushcam_x264_preset_known(const char *preset);

// pushcam_x264_open returns NULL when libx264 refuses.
pushcam_x264 *pushcam_x264_open(const char *preset, pushcam_x264_config config);

// pushcam_x264_set_rate returns a negative number when libx264 refuses.
int pushcam_x264_set_rate(pushcam_x264 *e, int kbps, int vbv_kbit);

// pushcam_x264_encode reads the planes during the call only. quantizer is 0 when
// libx264 shall choose it. It returns a negative number on failure, and otherwise
// leaves the picture in payload and size, which is 0 when libx264 gave none.
int pushcam_x264_encode(pushcam_x264 *e, uint8_t *y, uint8_t *u, uint8_t *v,
	int y_stride, int uv_stride, int force, int quantizer);

// pushcam_x264_forget keeps later pictures from referring to the last encoded
// one. It returns a negative number when libx264 refuses.
int pushcam_x264_forget(pushcam_x264 *e);

void pushcam_x264_close(pushcam_x264 *e);

#endif
