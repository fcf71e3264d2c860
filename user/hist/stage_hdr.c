// SPDX-License-Identifier: GPL-2.0-only
/*
 * The log format (version 1.3) has a histogram as base64 of a compressed "V2" encoding: a header
 * in big-endian order, then the counts as varints, zigzag, where a negative one is a run of zeroes.
 */
#include "hist/stage_hdr.h"

#include <errno.h>
#include <libdeflate.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define COOKIE		  0x1c849313u
#define COOKIE_COMPRESSED 0x1c849314u

/* Two significant digits: 128 counts for each power of two, finer than our buckets. */
#define DIGITS	    2
#define HALF_BITS   7
#define HALF	    (1u << HALF_BITS)
#define COUNTS_MAX  ((BT_DURATION_BITS - HALF_BITS + 1) * HALF)
#define VARINT_MAX  9
#define HEADER_LEN  40
#define PAYLOAD_MAX (HEADER_LEN + COUNTS_MAX * VARINT_MAX)

struct payload {
	unsigned char data[PAYLOAD_MAX];
	size_t len;
};

static void put_be(unsigned char *at, uint64_t value, unsigned int bytes)
{
	while (bytes--) {
		at[bytes] = (unsigned char)value;
		value >>= 8;
	}
}

/* Eight groups of seven bits, the lowest first; a ninth byte has eight. */
static void put_varint(struct payload *payload, int64_t number)
{
	uint64_t twice = (uint64_t)number << 1, value = number < 0 ? ~twice : twice;
	unsigned int i;

	for (i = 0; i < VARINT_MAX - 1 && value > 0x7f; i++, value >>= 7)
		payload->data[payload->len++] = (unsigned char)(value | 0x80);
	payload->data[payload->len++] = (unsigned char)value;
}

static unsigned int index_of(uint64_t ns)
{
	unsigned int octave = ns < 2 * HALF ? 0 : bt_log2(ns) - HALF_BITS;

	return ((octave + 1) << HALF_BITS) + (unsigned int)(ns >> octave) - HALF;
}

/* Half-way up the bucket, within the extremes: theirs are narrower, and have no part of ours. */
static uint64_t middle_of(const struct bt_histogram *histogram, uint32_t bucket)
{
	uint64_t low = bt_bucket_low(bucket), high = bt_bucket_high(bucket);

	low = low < histogram->min_ns ? histogram->min_ns : low;
	high = high > histogram->max_ns ? histogram->max_ns : high;
	low += (high - low) / 2;
	return low >> BT_DURATION_BITS ? (UINT64_C(1) << BT_DURATION_BITS) - 1 : low;
}

static void put_counts(struct payload *payload, const struct bt_histogram *histogram)
{
	uint64_t counts[COUNTS_MAX] = { 0 };
	unsigned int i, last = 0;
	uint32_t bucket;
	int64_t zeroes = 0;

	for (bucket = 0; bucket < BT_BUCKETS; bucket++) {
		if (!histogram->buckets[bucket])
			continue;
		last = index_of(middle_of(histogram, bucket));
		counts[last] += histogram->buckets[bucket];
	}
	for (i = 0; i <= last; i++) {
		if (!counts[i]) {
			zeroes++;
			continue;
		}
		if (zeroes)
			put_varint(payload, -zeroes);
		zeroes = 0;
		put_varint(payload, (int64_t)counts[i]);
	}
}

static void encode(struct payload *payload, const struct bt_histogram *histogram)
{
	unsigned char *header = payload->data;
	const double ratio = 1;
	uint64_t bits;

	memset(header, 0, HEADER_LEN);
	payload->len = HEADER_LEN;
	put_counts(payload, histogram);
	memcpy(&bits, &ratio, sizeof(bits));
	put_be(header, COOKIE, 4);
	put_be(header + 4, payload->len - HEADER_LEN, 4);
	put_be(header + 12, DIGITS, 4);
	put_be(header + 16, 1, 8); /* the lowest value that is not counted as 0 */
	put_be(header + 24, (UINT64_C(1) << BT_DURATION_BITS) - 1, 8);
	put_be(header + 32, bits, 8);
}

static void put_base64(FILE *out, const unsigned char *data, size_t len)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	size_t i, n;

	for (i = 0; i < len; i += 3) {
		uint32_t group = (uint32_t)data[i] << 16;

		group |= i + 1 < len ? (uint32_t)data[i + 1] << 8 : 0;
		group |= i + 2 < len ? data[i + 2] : 0;
		for (n = 0; n < 4; n++)
			fputc(i + n > len ? '=' : digits[group >> (18 - 6 * n) & 63], out);
	}
}

static int put_histogram(FILE *out, const struct bt_histogram *histogram)
{
	struct libdeflate_compressor *compressor = libdeflate_alloc_compressor(6);
	struct payload *payload = malloc(sizeof(*payload));
	unsigned char *packed = malloc(8 + PAYLOAD_MAX);
	size_t len = 0;

	if (compressor && payload && packed) {
		encode(payload, histogram);
		len = libdeflate_zlib_compress(compressor, payload->data, payload->len, packed + 8,
					       PAYLOAD_MAX);
		put_be(packed, COOKIE_COMPRESSED, 4);
		put_be(packed + 4, len, 4);
	}
	if (len)
		put_base64(out, packed, len + 8);
	libdeflate_free_compressor(compressor);
	free(payload);
	free(packed);
	return len ? 0 : -ENOMEM;
}

/* A tag ends at a comma; names come from the trace. */
static void put_tag(FILE *out, const char *array, const char *stage)
{
	fputs("Tag=", out);
	for (; *array; array++)
		fputc(*array == ',' || *array <= ' ' || *array > '~' ? '?' : *array, out);
	fprintf(out, ":%s,", stage);
}

static int put_line(FILE *out, const struct bt_stage_view *view, const struct bt_stage_array *array,
		    unsigned int stage)
{
	const struct bt_histogram *histogram = &array->stages[stage];
	int err;

	put_tag(out, array->name, bt_stages[stage].name);
	fprintf(out, "%.3f,%.3f,%.3f,", (double)view->from_ns / 1e9,
		(double)(view->until_ns - view->from_ns) / 1e9, (double)histogram->max_ns / 1e6);
	err = put_histogram(out, histogram);
	fputc('\n', out);
	return err;
}

void bt_stage_hdr_begin(FILE *out, const struct bt_stage_view *view)
{
	double start = ((double)view->from_ns + (double)view->clock_ns) / 1e9;

	fputs("#[bitmap-trace hist; values are nanoseconds, Interval_Max is in ms]\n"
	      "#[Histogram log format version 1.3]\n",
	      out);
	if (view->clock_ns)
		fprintf(out,
			"#[StartTime: %.3f (seconds since epoch)]\n"
			"#[BaseTime: %.3f (seconds since epoch)]\n",
			start, (double)view->clock_ns / 1e9);
	fputs("\"StartTimestamp\",\"Interval_Length\",\"Interval_Max\","
	      "\"Interval_Compressed_Histogram\"\n",
	      out);
}

int bt_stage_hdr(FILE *out, const struct bt_stage_view *view)
{
	const struct bt_stage_array *array, *next;
	unsigned int stage;
	int err = 0;

	HASH_ITER (hh, view->set->arrays, array, next)
		for (stage = 0; stage < BT_STAGES && !err; stage++)
			if (bt_stage_shown(view, stage) && array->stages[stage].count)
				err = put_line(out, view, array, stage);
	return err;
}
