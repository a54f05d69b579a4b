#include "bridge.h"

#include <stdlib.h>
#include <string.h>

#ifdef __GLIBC__
#include <malloc.h>
#endif

// Asking x264_param_default_preset would print to standard error.
int pushcam_x264_preset_known(const char *preset)
{
	for (const char *const *name = x264_preset_names; *name; name++)
		if (!strcmp(preset, *name))
			return 1;
	return 0;
}

static void set_stream(x264_param_t *p, pushcam_x264_config c)
{
	p->i_log_level = X264_LOG_NONE;
	p->i_csp = X264_CSP_I420;
	p->i_width = c.width;
	p->i_height = c.height;
	p->i_level_idc = c.level_idc;
	if (p->i_frame_reference > c.max_refs)
		p->i_frame_reference = c.max_refs;
	// libx264 also holds the pictures of layer 1, to which none refers.
	p->i_dpb_size = 2 * p->i_frame_reference;
	if (p->i_dpb_size > c.max_refs)
		p->i_dpb_size = c.max_refs;

	// With real times (b_vfr_input) libx264 holds each picture back until the
	// next one tells its duration. So it counts pictures, and rate.go tells
	// it how many bits a picture may have.
	p->b_vfr_input = 0;
	p->i_fps_num = c.frames_per_1000s;
	p->i_fps_den = 1000;

	// Keyframes come on demand only, each with its parameter sets.
	p->i_keyint_max = X264_KEYINT_MAX_INFINITE;
	p->i_scenecut_threshold = 0;
	p->b_intra_refresh = 0;
	p->b_open_gop = 0;
	p->b_repeat_headers = 1;
	p->b_annexb = 1;
	p->b_aud = 0;

	// What cameras deliver (USB Video Class 1.5, 3.9.2.6: the defaults of the
	// colour matching descriptor). Unsaid, browsers guess BT.709 for HD.
	p->vui.b_fullrange = 0;
	p->vui.i_colorprim = 1;
	p->vui.i_transfer = 1;
	p->vui.i_colmatrix = 6;

	// Slices, not frames, are what threads share: a frame thread would add a
	// picture of delay.
	p->i_threads = c.threads;
	p->b_sliced_threads = c.threads > 1;
}

static void set_rate(x264_param_t *p, int kbps, int vbv_kbit)
{
	p->rc.i_rc_method = X264_RC_ABR;
	p->rc.i_bitrate = kbps;
	// The same as the bitrate: that is what makes libx264 a CBR encoder.
	p->rc.i_vbv_max_bitrate = kbps;
	p->rc.i_vbv_buffer_size = vbv_kbit;
}

pushcam_x264 *pushcam_x264_open(const char *preset, pushcam_x264_config config)
{
	pushcam_x264 *e = calloc(1, sizeof *e);
	if (!e)
		return NULL;
	x264_param_t *p = &e->param;
	if (x264_param_default_preset(p, preset, "zerolatency") < 0)
		goto fail;
	set_stream(p, config);
	set_rate(p, config.kbps, config.vbv_kbit);
	// Last, so that no preset can bring back what the profile forbids.
	if (x264_param_apply_profile(p, "baseline") < 0)
		goto fail;
	e->handle = x264_encoder_open(p);
	if (!e->handle)
		goto fail;
	return e;
fail:
	free(e);
	return NULL;
}

int pushcam_x264_set_rate(pushcam_x264 *e, int kbps, int vbv_kbit)
{
	set_rate(&e->param, kbps, vbv_kbit);
	return x264_encoder_reconfig(e->handle, &e->param);
}

// keep_picture moves the NAL units that a viewer needs together: parameter
// sets and slices, but not the kilobyte of SEI in which libx264 names itself.
// The NAL units lie one after the other in memory (x264.h).
static void keep_picture(pushcam_x264 *e, x264_nal_t *nals, int count)
{
	uint8_t *to = nals[0].p_payload;
	e->payload = to;
	for (int i = 0; i < count; i++) {
		x264_nal_t *n = &nals[i];
		if (n->i_type == NAL_SEI)
			continue;
		if (n->i_type == NAL_SPS) {
			// constraint_set2_flag: the stream also obeys the Extended
			// profile. True of any constrained baseline stream, and
			// what the SDP says (42e0xx); libx264 leaves it out.
			int start = n->p_payload[2] == 1 ? 3 : 4;
			n->p_payload[start + 2] |= 0x20;
		}
		if (to != n->p_payload)
			memmove(to, n->p_payload, n->i_payload);
		to += n->i_payload;
	}
	e->size = to - e->payload;
}

int pushcam_x264_encode(pushcam_x264 *e, uint8_t *y, uint8_t *u, uint8_t *v,
	int y_stride, int uv_stride, int force, int quantizer)
{
	x264_picture_t in, out;
	x264_picture_init(&in);
	in.i_type = force ? X264_TYPE_IDR : X264_TYPE_AUTO;
	in.i_qpplus1 = quantizer ? quantizer + 1 : X264_QP_AUTO;
	in.i_pts = e->pictures++;
	in.img.i_csp = X264_CSP_I420;
	in.img.i_plane = 3;
	in.img.plane[0] = y;
	in.img.plane[1] = u;
	in.img.plane[2] = v;
	in.img.i_stride[0] = y_stride;
	in.img.i_stride[1] = uv_stride;
	in.img.i_stride[2] = uv_stride;

	x264_nal_t *nals = NULL;
	int count = 0;
	e->payload = NULL;
	e->size = 0;
	int size = x264_encoder_encode(e->handle, &nals, &count, &in, &out);
	if (size < 0)
		return size;
	if (size == 0 || count == 0)
		return 0;
	e->keyframe = out.i_type == X264_TYPE_IDR;
	e->pts = out.i_pts;
	keep_picture(e, nals, count);
	return 0;
}

int pushcam_x264_forget(pushcam_x264 *e)
{
	return x264_encoder_invalidate_reference(e->handle, e->pts);
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

void pushcam_x264_close(pushcam_x264 *e)
{
	x264_encoder_close(e->handle);
	free(e);
	return_memory();
}
