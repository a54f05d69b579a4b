#ifndef PUSHCAM_VP8_BRIDGE_H
#define PUSHCAM_VP8_BRIDGE_H

#include <stdint.h>
#include <vpx/vp8cx.h>
#include <vpx/vpx_encoder.h>

// pushcam_vp8 is one open encoder and the result of its last encode. All of
// its memory is C's, so Go may keep the pointer.
typedef struct {
	vpx_codec_ctx_t codec;
	vpx_codec_enc_cfg_t config;
	vpx_image_t image;

	// The last encoded picture: libvpx's own memory, valid until the next
	// encode or close.
	const uint8_t *payload;
	int size;
	int keyframe;
	int quantizer; // 0 to 63
} pushcam_vp8;

// pushcam_vp8_rate is what can change from picture to picture.
typedef struct {
	int kbps;
	int shared; // among layers
	int buffer_ms;
	int min_quantizer; // 0 to 63
} pushcam_vp8_rate;

// pushcam_vp8_config has numbers only, so that Go passes it by value.
typedef struct {
	int width, height;
	pushcam_vp8_rate rate;
	int threads, token_partitions_log2;
	int cpu_used;
	int max_intra_percent; // of the average picture
} pushcam_vp8_config;

// pushcam_vp8_open returns NULL when libvpx refuses.
pushcam_vp8 *pushcam_vp8_open(pushcam_vp8_config config);

// pushcam_vp8_set_rate changes the target, and whether it is shared out among
// three layers. It returns a vpx_codec_err_t.
int pushcam_vp8_set_rate(pushcam_vp8 *e, pushcam_vp8_rate rate);

// pushcam_vp8_encode reads the planes during the call only. It returns a
// vpx_codec_err_t, and leaves the picture in payload and size, which is 0 when
// rate control skipped it. pts and duration are in microseconds; flags are
// libvpx's; layer counts only while the target is shared out.
int pushcam_vp8_encode(pushcam_vp8 *e, uint8_t *y, uint8_t *u, uint8_t *v,
	int y_stride, int uv_stride, int64_t pts, int64_t duration, int flags, int layer);

void pushcam_vp8_close(pushcam_vp8 *e);

#endif
