#include "encode.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>

#include "strip.h"

// A 4:2:0 picture is encoded in rows of MCUs, 16 pixels high.
enum { MCU = 2 * DCTSIZE };

struct encoder {
	struct jpeg_compress_struct jpeg;
	struct jpeg_error_mgr errors;
	jmp_buf failed;
	char *reason;
	size_t reason_size;

	uint8_t *strip; // one row of MCUs: 16 rows of Y, 8 of Cb and Cr each

	struct jpeg_destination_mgr destination;
	uint8_t *data;
	size_t size; // of data
};

static void fail(struct encoder *e, const char *reason)
{
	snprintf(e->reason, e->reason_size, "%s", reason);
	longjmp(e->failed, 1);
}

static void on_error(j_common_ptr jpeg)
{
	struct encoder *e = jpeg->client_data;
	char text[JMSG_LENGTH_MAX];
	jpeg->err->format_message(jpeg, text);
	fail(e, text);
}

static void on_message(j_common_ptr jpeg, int level) { (void)jpeg, (void)level; }

// grow is asked for more room when all of it is written to.
static boolean grow(j_compress_ptr jpeg)
{
	struct encoder *e = jpeg->client_data;
	size_t used = e->size;
	uint8_t *data = realloc(e->data, 2 * used);
	if (!data)
		fail(e, "no memory");
	e->data = data;
	e->size = 2 * used;
	e->destination.next_output_byte = data + used;
	e->destination.free_in_buffer = used;
	return TRUE;
}

static void begin(j_compress_ptr jpeg)
{
	struct encoder *e = jpeg->client_data;
	e->destination.next_output_byte = e->data;
	e->destination.free_in_buffer = e->size;
}

static void end(j_compress_ptr jpeg) { (void)jpeg; }

// plane is one component on its way from the frame to blocks.
struct plane {
	const uint8_t *from;
	int stride, width, height;
	uint8_t *strip;
	int strip_stride, strip_rows;
};

// fill puts the frame's rows from the given one on into the strip. Beyond the
// picture's edges it repeats what is there, which costs the fewest bits.
static void fill(const struct plane *p, int row, int chroma)
{
	for (int i = 0; i < p->strip_rows; i++, row++) {
		uint8_t *to = p->strip + i * p->strip_stride;
		const uint8_t *from = p->from + (size_t)(row < p->height ? row : p->height - 1) * p->stride;
		if (chroma)
			pushcam_strip_full_chroma(to, from, p->width);
		else
			pushcam_strip_full_luma(to, from, p->width);
		memset(to + p->width, to[p->width - 1], p->strip_stride - p->width);
	}
}

static void encode(struct encoder *e, struct plane p[3], int width, int height, int quality)
{
	struct jpeg_compress_struct *j = &e->jpeg;
	jpeg_create_compress(j);
	e->destination.init_destination = begin;
	e->destination.empty_output_buffer = grow;
	e->destination.term_destination = end;
	j->dest = &e->destination;
	j->image_width = width;
	j->image_height = height;
	j->input_components = 3;
	j->in_color_space = JCS_YCbCr;
	jpeg_set_defaults(j); // JFIF, and 4:2:0
	jpeg_set_quality(j, quality, TRUE);
	j->raw_data_in = TRUE;
	j->dct_method = JDCT_ISLOW;
	jpeg_start_compress(j, TRUE);

	JSAMPROW rows[3][MCU];
	JSAMPARRAY components[3] = {rows[0], rows[1], rows[2]};
	for (int c = 0; c < 3; c++)
		for (int i = 0; i < p[c].strip_rows; i++)
			rows[c][i] = p[c].strip + i * p[c].strip_stride;
	while (j->next_scanline < j->image_height) {
		int row = j->next_scanline;
		fill(&p[0], row, 0);
		fill(&p[1], row / 2, 1);
		fill(&p[2], row / 2, 1);
		jpeg_write_raw_data(j, components, MCU);
	}
	jpeg_finish_compress(j);
}

uint8_t *pushcam_jpeg_encode(const uint8_t *y, const uint8_t *u, const uint8_t *v,
	int width, int height, int y_stride, int uv_stride, int quality,
	size_t *length, char *reason, size_t reason_size)
{
	struct encoder e = {.reason = reason, .reason_size = reason_size};
	int wide = (width + MCU - 1) / MCU * MCU;
	e.strip = malloc((size_t)wide * MCU * 3 / 2);
	e.size = 4096 + (size_t)width * height / 4; // enough for most
	e.data = malloc(e.size);
	if (!e.strip || !e.data) {
		snprintf(reason, reason_size, "no memory");
		free(e.strip);
		free(e.data);
		return NULL;
	}
	struct plane p[3] = {
		{y, y_stride, width, height, e.strip, wide, MCU},
		{u, uv_stride, width / 2, height / 2, e.strip + wide * MCU, wide / 2, DCTSIZE},
		{v, uv_stride, width / 2, height / 2, e.strip + wide * MCU * 5 / 4, wide / 2, DCTSIZE},
	};
	e.jpeg.err = jpeg_std_error(&e.errors);
	e.errors.error_exit = on_error;
	e.errors.emit_message = on_message;
	e.jpeg.client_data = &e;
	volatile int good = 0;
	if (!setjmp(e.failed)) {
		encode(&e, p, width, height, quality);
		good = 1;
	}
	jpeg_destroy_compress(&e.jpeg);
	free(e.strip);
	if (!good) {
		free(e.data);
		return NULL;
	}
	*length = e.size - e.destination.free_in_buffer;
	return e.data;
}
