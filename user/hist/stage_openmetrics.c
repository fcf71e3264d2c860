// SPDX-License-Identifier: GPL-2.0-only
#include "hist/stage_openmetrics.h"

#include <inttypes.h>

#include "base/openmetrics.h"

/*
 * Bounds of the series, in powers of two of microseconds: factors of two in the range of
 * bitmaps, from 64 us to 17 s, factors of four outside, up to 18 minutes.
 */
static const unsigned int bounds[] = {
	2, 4, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 26, 28, 30,
};

#define BOUNDS_NR (sizeof(bounds) / sizeof(bounds[0]))

/*
 * A bucket with that bound includes values equal to it. Ours end below a power of two:
 * durations are whole nanoseconds, so the bound is one less.
 */
static uint64_t bound_ns(unsigned int power)
{
	return (UINT64_C(1000) << power) - 1;
}

/* An exact decimal fraction, without rounding. */
static void print_seconds(FILE *out, uint64_t ns)
{
	fprintf(out, "%" PRIu64 ".%09" PRIu64, ns / 1000000000, ns % 1000000000);
}

/* bitmap_trace_STAGE_seconds_SUFFIX{array="md0", followed by the caller's labels. */
static void begin_sample(FILE *out, const char *stage, const char *suffix, const char *array)
{
	fprintf(out, "bitmap_trace_%s_seconds_%s{array=\"", stage, suffix);
	bt_openmetrics_label(out, array);
	fputc('"', out);
}

/*
 * The count of the buckets from *bucket on that end at or before the bound; a bucket begins
 * after it.
 */
static uint64_t count_until(const struct bt_histogram *histogram, uint64_t bound, uint32_t *bucket)
{
	uint32_t end = bt_bucket_of(bound + 1);
	uint64_t count = 0;

	for (; histogram->count && *bucket < end; ++*bucket)
		count += histogram->buckets[*bucket];
	return count;
}

static void print_buckets(FILE *out, const char *stage, const char *array,
			  const struct bt_histogram *histogram)
{
	uint64_t count = 0;
	uint32_t bucket = 0;
	unsigned int i;

	for (i = 0; i < BOUNDS_NR; i++) {
		count += count_until(histogram, bound_ns(bounds[i]), &bucket);
		begin_sample(out, stage, "bucket", array);
		fputs(",le=\"", out);
		print_seconds(out, bound_ns(bounds[i]));
		fprintf(out, "\"} %" PRIu64 "\n", count);
	}
	begin_sample(out, stage, "bucket", array);
	fprintf(out, ",le=\"+Inf\"} %" PRIu64 "\n", histogram->count);
}

static void print_series(FILE *out, const char *stage, const char *array,
			 const struct bt_histogram *histogram, double created)
{
	print_buckets(out, stage, array, histogram);
	begin_sample(out, stage, "count", array);
	fprintf(out, "} %" PRIu64 "\n", histogram->count);
	begin_sample(out, stage, "sum", array);
	fputs("} ", out);
	print_seconds(out, histogram->total_ns);
	fputc('\n', out);
	if (created <= 0)
		return;
	begin_sample(out, stage, "created", array);
	fprintf(out, "} %.3f\n", created);
}

static void print_stage(FILE *out, const struct bt_stage_set *set, unsigned int stage,
			double created)
{
	const char *name = bt_stages[stage].name;
	const struct bt_stage_array *array, *next;

	/* The older text format takes what it does not know, # UNIT and # EOF, for comments. */
	fprintf(out, "# TYPE bitmap_trace_%s_seconds histogram\n", name);
	fprintf(out, "# UNIT bitmap_trace_%s_seconds seconds\n", name);
	fprintf(out, "# HELP bitmap_trace_%s_seconds %s\n", name, bt_stages[stage].help);
	HASH_ITER (hh, set->arrays, array, next)
		print_series(out, name, array->name, &array->stages[stage], created);
}

void bt_stage_openmetrics(FILE *out, const struct bt_stage_view *view, double created)
{
	unsigned int stage;

	for (stage = 0; stage < BT_STAGES; stage++)
		if (bt_stage_shown(view, stage))
			print_stage(out, view->set, stage, created);
	bt_openmetrics_counter(out, "lost_durations", "Durations that could not be kept.",
			       view->set->lost, created);
	bt_openmetrics_counter(
		out, "lost_records",
		"Events that were lost between kernel and bitmap-trace, durations with them.",
		view->set->lost_records, created);
	fputs("# EOF\n", out);
}
