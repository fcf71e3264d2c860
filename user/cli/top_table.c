// SPDX-License-Identifier: GPL-2.0-only
#include "cli/top_table.h"

#include <inttypes.h>
#include <string.h>

#include "report/phrase.h"

/* Chunks are counted anew each time; a screen must not take longer than it lasts. */
#define CHUNKS_MAX 1000000

struct row {
	uint64_t bits; /* set, of the chunks that were seen */
	bool many;     /* ... and more */
	uint64_t in_flight;
};

static void count_bits(const struct bt_bitmap *bitmap, struct row *row)
{
	struct bt_chunk_iter iter = { .group = NULL };
	uint64_t seen = 0;

	while (bt_chunk_next(bitmap, &iter)) {
		if (++seen > CHUNKS_MAX) {
			row->many = true;
			return;
		}
		row->bits += bt_chunk_protection(bitmap, iter.chunk, iter.index) == BT_PROTECTED;
	}
}

/* An array that was stopped and assembled again is another bitmap of the same name. */
static struct row row_of(const struct bt_model *model, const char *name)
{
	struct row row = { .bits = 0 };
	const struct bt_bitmap *bitmap;
	const struct bt_io *io;

	bt_for_each_bitmap(model, bitmap)
	{
		if (strcmp(bitmap->name, name) != 0 || !bitmap->ops)
			continue;
		count_bits(bitmap, &row);
		bt_for_each_io(bitmap, io) row.in_flight += io->data ? 0 : io->outstanding;
	}
	return row;
}

static void print_rate(FILE *out, const struct bt_stage_view *view,
		       const struct bt_stage_array *array, enum bt_stage stage)
{
	double seconds = (double)(view->until_ns - view->from_ns) / 1e9;

	if (!bt_stage_shown(view, stage) || view->until_ns <= view->from_ns)
		fprintf(out, " %9s", "-");
	else
		fprintf(out, " %9.1f", (double)array->stages[stage].count / seconds);
}

static void print_share(FILE *out, bool known, double part, double whole)
{
	if (!known || whole <= 0)
		fprintf(out, " %6s", "-");
	else
		fprintf(out, " %6.1f", 100 * part / whole);
}

/* Of the writes, how many an unplug held back, and how much of their time. */
static void print_held(FILE *out, const struct bt_stage_view *view,
		       const struct bt_stage_array *array)
{
	const struct bt_histogram *write = &array->stages[BT_STAGE_USER_WRITE];
	const struct bt_histogram *wait = &array->stages[BT_STAGE_BITMAP_WAIT];
	bool known = bt_stage_shown(view, BT_STAGE_USER_WRITE) &&
		     bt_stage_shown(view, BT_STAGE_BITMAP_WAIT);

	print_share(out, known, (double)(wait->count - wait->buckets[0]), (double)wait->count);
	print_share(out, known && wait->count, (double)wait->total_ns, (double)write->total_ns);
}

static void print_percentile(FILE *out, const struct bt_stage_view *view,
			     const struct bt_stage_array *array, unsigned int per_mille)
{
	const struct bt_histogram *unplug = &array->stages[BT_STAGE_UNPLUG];
	char duration[24] = "-";

	if (bt_stage_shown(view, BT_STAGE_UNPLUG) && unplug->count &&
	    bt_histogram_carries(unplug, per_mille * 1000))
		bt_phrase_duration(bt_histogram_percentile_ns(unplug, per_mille), duration,
				   sizeof(duration));
	fprintf(out, " %8s", duration);
}

static void print_row(FILE *out, const struct bt_top_view *view, const struct bt_stage_array *array)
{
	struct row row = row_of(&view->report->checker->model, array->name);

	fprintf(out, "%-7s", array->name);
	print_rate(out, &view->stages, array, BT_STAGE_USER_WRITE);
	print_held(out, &view->stages, array);
	print_rate(out, &view->stages, array, BT_STAGE_UNPLUG);
	print_percentile(out, &view->stages, array, 500);
	print_percentile(out, &view->stages, array, 990);
	fprintf(out, " %8" PRIu64 "%s %6" PRIu64 "%s\n", row.bits, row.many ? "+" : " ",
		row.in_flight, view->clear);
}

static void print_broken(FILE *out, const struct bt_term *term, const struct bt_top_view *view)
{
	const struct bt_report *report = view->report;
	unsigned int i;

	for (i = 0; i < report->checker->results_nr; i++) {
		const struct bt_result *result = &report->checker->results[i];

		if (report->verdicts[i] != BT_VERDICT_FAIL)
			continue;
		fprintf(out, "%sFAIL%s    %-28s broken %" PRIu64 " times, %" PRIu64 " now%s\n",
			term->colour ? "\033[1;31m" : "", term->colour ? "\033[0m" : "",
			result->invariant->name, result->broken,
			result->broken - view->broken_before[i], view->clear);
	}
}

void bt_top_table(FILE *out, const struct bt_term *term, const struct bt_top_view *view)
{
	const struct bt_stage_array *array, *next;

	fprintf(out, "%.3f s: %" PRIu64 " events, %" PRIu64 " lost%s\n",
		(double)view->stages.until_ns / 1e9, view->report->checker->events,
		view->report->checker->lost, view->clear);
	fprintf(out, "%s%-7s %9s %6s %6s %9s %8s %8s %8s  %6s%s%s\n", term->colour ? "\033[1m" : "",
		"array", "writes/s", "held%", "wait%", "unplug/s", "p50", "p99", "bits", "flight",
		term->colour ? "\033[0m" : "", view->clear);
	HASH_ITER (hh, view->stages.set->arrays, array, next)
		print_row(out, view, array);
	print_broken(out, term, view);
}
