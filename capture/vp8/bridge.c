#include "bridge.h"

#include <stdlib.h>

#ifdef __GLIBC__
#include <malloc.h>
#endif

static void set_rate(vpx_codec_enc_cfg_t *g, pushcam_vp8_rate r)
{
	static const int percent[3] = {50, 70, 100}; // with the layers below

	g->rc_target_bitrate = r.kbps;
	g->rc_min_quantizer = r.min_quantizer;
	g->rc_buf_optimal_sz = r.buffer_ms;
	g->rc_buf_sz = r.buffer_ms * 5 / 3;
	// With layers, each makes up for keyframes from its own share.
	g->rc_overshoot_pct = r.shared ? 100 : 15;
	g->ts_number_layers = r.shared ? 3 : 1;
	// Each picture comes with its layer; this is for the form.
	g->ts_periodicity = 1;
	for (int i = 0; i < 3; i++) {
		g->ts_rate_decimator[i] = 4 >> i;
		g->ts_target_bitrate[i] = r.kbps * percent[i] / 100;
	}
}

static void set_config(vpx_codec_enc_cfg_t *g, pushcam_vp8_config c)
{
	g->g_w = c.width;
	g->g_h = c.height;
	g->g_threads = c.threads;
	g->g_timebase.num = 1;
	g->g_timebase.den = 1000000;
	g->g_lag_in_frames = 0;
	g->g_pass = VPX_RC_ONE_PASS;
	// Not for layers either: no picture that can be left out changes the
	// probabilities, and without it they need not start anew each time.
	g->g_error_resilient = 0;

	// Keyframes come on demand only.
	g->kf_mode = VPX_KF_DISABLED;

	g->rc_end_usage = VPX_CBR;
	set_rate(g, c.rate);
	g->rc_max_quantizer = 63;
	g->rc_undershoot_pct = 100;
	g->rc_buf_initial_sz = 500;
	g->rc_resize_allowed = 0;
	// A skipped picture is a stall for every viewer; the quantizer gives way
	// instead.
	g->rc_dropframe_thresh = 0;
}

pushcam_vp8 *pushcam_vp8_open(pushcam_vp8_config config)
{
	pushcam_vp8 *e = calloc(1, sizeof *e);
	if (!e)
		return NULL;
	if (vpx_codec_enc_config_default(vpx_codec_vp8_cx(), &e->config, 0))
		goto fail;
	set_config(&e->config, config);
	if (vpx_codec_enc_init(&e->codec, vpx_codec_vp8_cx(), &e->config, 0))
		goto fail;
	if (vpx_codec_control(&e->codec, VP8E_SET_CPUUSED, config.cpu_used) ||
	    vpx_codec_control(&e->codec, VP8E_SET_NOISE_SENSITIVITY, 0) ||
	    vpx_codec_control(&e->codec, VP8E_SET_STATIC_THRESHOLD, 1) ||
	    vpx_codec_control(&e->codec, VP8E_SET_TOKEN_PARTITIONS, config.token_partitions_log2) ||
	    vpx_codec_control(&e->codec, VP8E_SET_MAX_INTRA_BITRATE_PCT, config.max_intra_percent)) {
		vpx_codec_destroy(&e->codec);
		goto fail;
	}
	// Describes the planes of an encode; owns nothing.
	if (!vpx_img_wrap(&e->image, VPX_IMG_FMT_I420, config.width, config.height, 1, (unsigned char *)e)) {
		vpx_codec_destroy(&e->codec);
		goto fail;
	}
	return e;
fail:
	free(e);
	return NULL;
}

int pushcam_vp8_set_rate(pushcam_vp8 *e, pushcam_vp8_rate rate)
{
	set_rate(&e->config, rate);
	return vpx_codec_enc_config_set(&e->codec, &e->config);
}

int pushcam_vp8_encode(pushcam_vp8 *e, uint8_t *y, uint8_t *u, uint8_t *v,
	int y_stride, int uv_stride, int64_t pts, int64_t duration, int flags, int layer)
{
	e->payload = NULL;
	e->size = 0;
	if (e->config.ts_number_layers > 1) {
		vpx_codec_err_t code = vpx_codec_control(&e->codec, VP8E_SET_TEMPORAL_LAYER_ID, layer);
		if (code)
			return code;
	}
	e->image.planes[VPX_PLANE_Y] = y;
	e->image.planes[VPX_PLANE_U] = u;
	e->image.planes[VPX_PLANE_V] = v;
	e->image.stride[VPX_PLANE_Y] = y_stride;
	e->image.stride[VPX_PLANE_U] = uv_stride;
	e->image.stride[VPX_PLANE_V] = uv_stride;
	vpx_codec_err_t code = vpx_codec_encode(&e->codec, &e->image, pts, duration,
		flags, VPX_DL_REALTIME);
	// C must not keep pointers to Go's memory.
	for (int i = 0; i < 4; i++)
		e->image.planes[i] = NULL;
	if (code)
		return code;

	vpx_codec_iter_t iter = NULL;
	const vpx_codec_cx_pkt_t *packet;
	while ((packet = vpx_codec_get_cx_data(&e->codec, &iter))) {
		if (packet->kind != VPX_CODEC_CX_FRAME_PKT)
			continue;
		// Without lag and without separate partitions a picture is one packet.
		e->payload = packet->data.frame.buf;
		e->size = packet->data.frame.sz;
		e->keyframe = (packet->data.frame.flags & VPX_FRAME_IS_KEY) != 0;
	}
	return vpx_codec_control(&e->codec, VP8E_GET_LAST_QUANTIZER_64, &e->quantizer);
}

// return_memory gives what was freed back to the system. Each thread of Go that
// made an encoder has an arena of its own in glibc, which would keep it: after
// 180 encoders of up to 720p the process had 59 MB, and with this 18.
static void return_memory(void)
{
#ifdef __GLIBC__
	malloc_trim(0);
#endif
}

void pushcam_vp8_close(pushcam_vp8 *e)
{
	vpx_codec_destroy(&e->codec);
	free(e);
	return_memory();
}
