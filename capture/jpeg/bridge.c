#include "bridge.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>
#include <jerror.h>

#include "strip.h"

struct pushcam_jpeg {
	struct jpeg_decompress_struct jpeg;
	struct jpeg_error_mgr errors;
	struct jpeg_source_mgr source;
	jmp_buf failed;
	int code;
	char reason[JMSG_LENGTH_MAX];

	// The tables of ITU-T T.81 annex K.3: of luma and chroma, DC and AC.
	JHUFF_TBL dc[2], ac[2];

	// One row of MCUs, wide enough for whole blocks, grown on demand.
	uint8_t *strip;
	size_t strip_size;
};

static void fail(pushcam_jpeg *d, int code, const char *reason)
{
	snprintf(d->reason, sizeof d->reason, "%s", reason);
	d->code = code;
	longjmp(d->failed, 1);
}

static void on_error(j_common_ptr jpeg)
{
	pushcam_jpeg *d = jpeg->client_data;
	jpeg->err->format_message(jpeg, d->reason);
	d->code = jpeg->err->msg_code == JERR_OUT_OF_MEMORY ? PUSHCAM_JPEG_MEMORY : PUSHCAM_JPEG_CORRUPT;
	longjmp(d->failed, 1);
}

// on_message hears of what libjpeg can go on after. Damage to the picture is
// damage. What is not is common: many webcams pad their pictures with bytes
// that belong to nothing, and would never show one if that were an error.
static void on_message(j_common_ptr jpeg, int level)
{
	if (level >= 0)
		return;
	switch (jpeg->err->msg_code) {
	case JWRN_EXTRANEOUS_DATA:
	case JWRN_ADOBE_XFORM:
	case JWRN_JFIF_MAJOR:
		return;
	}
	on_error(jpeg);
}

static void source_nothing(j_decompress_ptr jpeg) { (void)jpeg; }

// source_end is asked for more than there is. An end marker makes libjpeg
// warn when it lacks bits of the picture, and stay silent when the camera only
// left the marker out.
static boolean source_end(j_decompress_ptr jpeg)
{
	static const JOCTET end[] = {0xff, JPEG_EOI};
	jpeg->src->next_input_byte = end;
	jpeg->src->bytes_in_buffer = sizeof end;
	return TRUE;
}

static void source_skip(j_decompress_ptr jpeg, long count)
{
	if (count <= 0)
		return;
	if ((size_t)count >= jpeg->src->bytes_in_buffer) {
		source_end(jpeg);
		return;
	}
	jpeg->src->next_input_byte += count;
	jpeg->src->bytes_in_buffer -= count;
}

// learn_tables takes the standard Huffman tables from libjpeg's encoder.
static void learn_tables(pushcam_jpeg *d)
{
	struct jpeg_compress_struct encoder;
	encoder.err = &d->errors;
	encoder.client_data = d;
	jpeg_create_compress(&encoder);
	encoder.in_color_space = JCS_YCbCr;
	encoder.input_components = 3;
	jpeg_set_defaults(&encoder);
	for (int i = 0; i < 2; i++) {
		d->dc[i] = *encoder.dc_huff_tbl_ptrs[i];
		d->ac[i] = *encoder.ac_huff_tbl_ptrs[i];
	}
	jpeg_destroy_compress(&encoder);
}

static void set_table(pushcam_jpeg *d, JHUFF_TBL **to, const JHUFF_TBL *from)
{
	if (!*to)
		*to = jpeg_alloc_huff_table((j_common_ptr)&d->jpeg);
	**to = *from;
}

pushcam_jpeg *pushcam_jpeg_new(void)
{
	pushcam_jpeg *d = calloc(1, sizeof *d);
	if (!d)
		return NULL;
	d->jpeg.err = jpeg_std_error(&d->errors);
	d->errors.error_exit = on_error;
	d->errors.emit_message = on_message;
	d->jpeg.client_data = d;
	if (setjmp(d->failed)) {
		free(d);
		return NULL;
	}
	jpeg_create_decompress(&d->jpeg);
	learn_tables(d);
	d->source.init_source = source_nothing;
	d->source.fill_input_buffer = source_end;
	d->source.skip_input_data = source_skip;
	d->source.resync_to_restart = jpeg_resync_to_restart;
	d->source.term_source = source_nothing;
	d->jpeg.src = &d->source;
	return d;
}

void pushcam_jpeg_free(pushcam_jpeg *d)
{
	jpeg_destroy_decompress(&d->jpeg);
	free(d->strip);
	free(d);
}

int pushcam_jpeg_width(const pushcam_jpeg *d) { return d->jpeg.image_width; }
int pushcam_jpeg_height(const pushcam_jpeg *d) { return d->jpeg.image_height; }
const char *pushcam_jpeg_reason(const pushcam_jpeg *d) { return d->reason; }

// finish forgets the picture, and with it the pointer to its data.
static int finish(pushcam_jpeg *d)
{
	jpeg_abort_decompress(&d->jpeg);
	d->source.next_input_byte = NULL;
	d->source.bytes_in_buffer = 0;
	return d->code;
}

static void read_header(pushcam_jpeg *d, const uint8_t *data, size_t length)
{
	d->source.next_input_byte = data;
	d->source.bytes_in_buffer = length;
	// A picture without tables means the standard ones (as in AVI), and not
	// those that the picture before it left behind.
	for (int i = 0; i < 2; i++) {
		set_table(d, &d->jpeg.dc_huff_tbl_ptrs[i], &d->dc[i]);
		set_table(d, &d->jpeg.ac_huff_tbl_ptrs[i], &d->ac[i]);
	}
	jpeg_read_header(&d->jpeg, TRUE);

	// Several scans make libjpeg keep the whole picture's coefficients, and
	// let a few bytes ask for much work. Cameras send one scan.
	struct jpeg_decompress_struct *j = &d->jpeg;
	if (j->progressive_mode || j->arith_code || jpeg_has_multiple_scans(j))
		fail(d, PUSHCAM_JPEG_UNSUPPORTED, "not a baseline picture of one scan");
	if (j->jpeg_color_space != JCS_YCbCr && j->jpeg_color_space != JCS_GRAYSCALE)
		fail(d, PUSHCAM_JPEG_UNSUPPORTED, "neither YCbCr nor gray");
}

int pushcam_jpeg_header(pushcam_jpeg *d, const uint8_t *data, size_t length)
{
	d->code = PUSHCAM_JPEG_OK;
	if (!setjmp(d->failed))
		read_header(d, data, length);
	return finish(d);
}

// plane is one component on its way from blocks to the frame.
struct plane {
	uint8_t *to;       // next row in the frame
	int stride;
	int width, height; // left to write in the frame
	int across, down;  // samples of the JPEG for one of the frame's
	uint8_t *strip;    // where libjpeg puts one row of MCUs
	size_t strip_stride;
	int strip_rows;
};

static void plan(pushcam_jpeg *d, struct plane p[3])
{
	struct jpeg_decompress_struct *j = &d->jpeg;
	size_t need = 0;
	for (int c = 0; c < j->num_components; c++) {
		jpeg_component_info *info = &j->comp_info[c];
		int chroma = c > 0;
		// The frame's chroma has half of the luma's samples each way.
		int across = (chroma ? 2 : 1) * info->h_samp_factor, down = (chroma ? 2 : 1) * info->v_samp_factor;
		if (across % j->max_h_samp_factor || down % j->max_v_samp_factor)
			fail(d, PUSHCAM_JPEG_UNSUPPORTED, "chroma is neither 4:2:0, 4:2:2, 4:4:0 nor 4:4:4");
		p[c].across = across / j->max_h_samp_factor;
		p[c].down = down / j->max_v_samp_factor;
		p[c].strip_stride = (size_t)info->width_in_blocks * DCTSIZE;
		p[c].strip_rows = info->v_samp_factor * DCTSIZE;
		need += p[c].strip_stride * p[c].strip_rows;
	}
	if (need > d->strip_size) {
		free(d->strip);
		d->strip_size = 0;
		d->strip = malloc(need);
		if (!d->strip)
			fail(d, PUSHCAM_JPEG_MEMORY, "no memory");
		d->strip_size = need;
	}
	uint8_t *strip = d->strip;
	for (int c = 0; c < j->num_components; c++) {
		p[c].strip = strip;
		strip += p[c].strip_stride * p[c].strip_rows;
	}
}

// emit moves what is decoded into the frame while it is in the cache.
static void emit(struct plane *p, int chroma)
{
	for (int row = 0; row < p->strip_rows && p->height > 0; row += p->down) {
		const uint8_t *a = p->strip + row * p->strip_stride;
		const uint8_t *b = p->down == 2 ? a + p->strip_stride : a;
		if (chroma)
			pushcam_strip_chroma(p->to, a, b, p->width, p->across);
		else
			pushcam_strip_luma(p->to, a, p->width);
		p->to += p->stride;
		p->height--;
	}
}

static void decode(pushcam_jpeg *d, struct plane p[3])
{
	struct jpeg_decompress_struct *j = &d->jpeg;
	// At most four blocks of eight rows for each component (ITU-T T.81 A.1.1).
	JSAMPROW rows[3][4 * DCTSIZE];
	JSAMPARRAY components[3] = {rows[0], rows[1], rows[2]};
	plan(d, p);
	j->raw_data_out = TRUE;
	j->do_fancy_upsampling = FALSE;
	j->dct_method = JDCT_ISLOW;
	jpeg_start_decompress(j);
	for (int c = 0; c < j->num_components; c++)
		for (int r = 0; r < p[c].strip_rows; r++)
			rows[c][r] = p[c].strip + r * p[c].strip_stride;
	while (j->output_scanline < j->output_height) {
		jpeg_read_raw_data(j, components, j->max_v_samp_factor * DCTSIZE);
		for (int c = 0; c < j->num_components; c++)
			emit(&p[c], c > 0);
	}
}

static void gray(struct plane *p)
{
	for (; p->height > 0; p->height--, p->to += p->stride)
		memset(p->to, 128, p->width);
}

int pushcam_jpeg_decode(pushcam_jpeg *d, const uint8_t *data, size_t length,
	uint8_t *y, uint8_t *u, uint8_t *v, int width, int height, int y_stride, int uv_stride)
{
	struct plane p[3] = {
		{.to = y, .stride = y_stride, .width = width, .height = height},
		{.to = u, .stride = uv_stride, .width = width / 2, .height = height / 2},
		{.to = v, .stride = uv_stride, .width = width / 2, .height = height / 2},
	};
	d->code = PUSHCAM_JPEG_OK;
	if (!setjmp(d->failed)) {
		read_header(d, data, length);
		if ((int)d->jpeg.image_width != width || (int)d->jpeg.image_height != height)
			fail(d, PUSHCAM_JPEG_CORRUPT, "size changed between two looks");
		decode(d, p);
		for (int c = d->jpeg.num_components; c < 3; c++)
			gray(&p[c]);
	}
	return finish(d);
}
