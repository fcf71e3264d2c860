// SPDX-License-Identifier: GPL-2.0-only
#include "hist/stage_text.h"

#include <inttypes.h>
#include <string.h>

/* Width of the text beside a bar. */
#define SLOT_WIDTH 40

struct unit {
	const char *name;
	double ns;
};

/* The largest unit in which the value is at least 1 when rounded to three digits. */
static struct unit unit_for(uint64_t ns)
{
	static const struct unit units[] = { { "s", 1e9 }, { "ms", 1e6 }, { "us", 1e3 } };
	unsigned int i;

	for (i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if ((double)ns >= 0.9995 * units[i].ns)
			return units[i];
	return (struct unit){ "ns", 1 };
}

/* "12.3 ms": in the unit that fits the value itself. */
static void print_duration(FILE *out, const char *label, uint64_t ns)
{
	struct unit unit = unit_for(ns);
	double value = (double)ns / unit.ns;
	int decimals = value < 9.995 ? 2 : value < 99.95 ? 1 : 0;

	fprintf(out, "%s %.*f %s", label, unit.ns > 1 ? decimals : 0, value, unit.name);
}

static const char *start_colour(const struct bt_term *term, const char *code)
{
	return term->colour ? code : "";
}

static const char *end_colour(const struct bt_term *term)
{
	return term->colour ? "\033[0m" : "";
}

static void print_bar(FILE *out, const struct bt_term *term, uint64_t value, uint64_t max)
{
	unsigned int i, width = term->width > SLOT_WIDTH + 10 ? term->width - SLOT_WIDTH : 10;
	unsigned int stars = (unsigned int)(value * width / max);

	fprintf(out, "|%s", start_colour(term, "\033[36m"));
	for (i = 0; i < width; i++)
		fputc(i < stars ? '*' : ' ', out);
	fprintf(out, "%s|\n", end_colour(term));
}

struct range {
	unsigned int first, last; /* slots that are not empty; first > last: none */
	uint64_t max;		  /* largest count of a slot */
};

static struct range range_of(const uint64_t slots[BT_SLOTS])
{
	struct range range = { .first = BT_SLOTS };
	unsigned int slot;

	for (slot = 0; slot < BT_SLOTS; slot++) {
		if (!slots[slot])
			continue;
		if (range.first == BT_SLOTS)
			range.first = slot;
		range.last = slot;
		if (slots[slot] > range.max)
			range.max = slots[slot];
	}
	return range;
}

/* As biolatency does: 0 -> 1, 2 -> 3, 4 -> 7, no shared edges. */
static void print_slots(FILE *out, const struct bt_term *term, const struct bt_histogram *histogram)
{
	enum bt_slot_unit unit = histogram->max_ns >= 1024 ? BT_SLOTS_US : BT_SLOTS_NS;
	uint64_t slots[BT_SLOTS];
	struct range range;
	unsigned int slot;

	bt_histogram_slots(histogram, unit, slots);
	range = range_of(slots);
	fprintf(out, "  %14s%10s : count     distribution\n",
		unit == BT_SLOTS_US ? "usecs" : "nsecs", "");
	for (slot = range.first; slot <= range.last; slot++) {
		fprintf(out, "  %10" PRIu64 " -> ", slot ? UINT64_C(1) << slot : 0);
		if (slot == bt_slot_last(unit) && histogram->buckets[BT_BUCKETS - 1])
			fprintf(out, "%-10s", "longer");
		else
			fprintf(out, "%-10" PRIu64, (UINT64_C(2) << slot) - 1);
		fprintf(out, " : %-9" PRIu64, slots[slot]);
		print_bar(out, term, slots[slot], range.max);
	}
}

void bt_histogram_text(FILE *out, const struct bt_term *term, const char *title,
		       const struct bt_histogram *histogram)
{
	fprintf(out, "%s%s%s: %" PRIu64, start_colour(term, "\033[1m"), title, end_colour(term),
		histogram->count);
	if (!histogram->count) {
		fputs("\n", out);
		return;
	}
	print_duration(out, ", total", histogram->total_ns);
	print_duration(out, ", mean", bt_histogram_mean_ns(histogram));
	print_duration(out, ", min", histogram->min_ns);
	print_duration(out, ", max", histogram->max_ns);
	print_duration(out, "\n  p50", bt_histogram_percentile_ns(histogram, 500));
	print_duration(out, ", p90", bt_histogram_percentile_ns(histogram, 900));
	print_duration(out, ", p99", bt_histogram_percentile_ns(histogram, 990));
	print_duration(out, ", p99.9", bt_histogram_percentile_ns(histogram, 999));
	fputs("\n", out);
	print_slots(out, term, histogram);
}

/* The share of user writes' time that they waited for the bitmap's pages. */
static void print_share(FILE *out, const struct bt_stage_view *view,
			const struct bt_stage_array *array)
{
	const struct bt_histogram *write = &array->stages[BT_STAGE_USER_WRITE];
	const struct bt_histogram *wait = &array->stages[BT_STAGE_BITMAP_WAIT];

	if (!bt_stage_shown(view, BT_STAGE_USER_WRITE) ||
	    !bt_stage_shown(view, BT_STAGE_BITMAP_WAIT) || !wait->count || !write->total_ns)
		return;
	fprintf(out, "%s: the bitmap's share of user writes: %.1f %%\n", array->name,
		100 * (double)wait->total_ns / (double)write->total_ns);
}

/* With the name that --stage takes, if the title differs. */
static void format_title(char *title, size_t len, const char *array,
			 const struct bt_stage_info *stage)
{
	if (!strcmp(stage->title, stage->name))
		snprintf(title, len, "%s: %s", array, stage->title);
	else
		snprintf(title, len, "%s: %s (%s)", array, stage->title, stage->name);
}

static void print_array(FILE *out, const struct bt_term *term, const struct bt_stage_view *view,
			const struct bt_stage_array *array)
{
	unsigned int stage;
	char title[128];

	for (stage = 0; stage < BT_STAGES; stage++) {
		if (!bt_stage_shown(view, stage))
			continue;
		format_title(title, sizeof(title), array->name, &bt_stages[stage]);
		bt_histogram_text(out, term, title, &array->stages[stage]);
	}
	print_share(out, view, array);
}

static void print_none(FILE *out)
{
	fputs("no array with a bitmap did anything\n", out);
}

void bt_stage_text(FILE *out, const struct bt_term *term, const struct bt_stage_view *view)
{
	const struct bt_stage_array *array, *next;

	if (!view->set->arrays)
		print_none(out);
	HASH_ITER (hh, view->set->arrays, array, next)
		print_array(out, term, view, array);
}

/* Nine columns: with tenths if there is room. */
static void print_us(FILE *out, uint64_t ns)
{
	fprintf(out, " %9.*f", ns < UINT64_C(1000000000) ? 1 : 0, (double)ns / 1e3);
}

static void print_row(FILE *out, const struct bt_stage_view *view,
		      const struct bt_stage_array *array, unsigned int stage)
{
	const struct bt_histogram *histogram = &array->stages[stage];
	double seconds = (double)(view->until_ns - view->from_ns) / 1e9;

	fprintf(out, "%-7s %-14s %8" PRIu64, array->name, bt_stages[stage].name, histogram->count);
	if (view->until_ns > view->from_ns)
		fprintf(out, " %8.1f", (double)histogram->count / seconds);
	else
		fprintf(out, " %8s", "-");
	print_us(out, bt_histogram_mean_ns(histogram));
	print_us(out, bt_histogram_percentile_ns(histogram, 500));
	print_us(out, bt_histogram_percentile_ns(histogram, 990));
	print_us(out, histogram->max_ns);
	fputc('\n', out);
}

void bt_stage_table(FILE *out, const struct bt_term *term, const struct bt_stage_view *view)
{
	const struct bt_stage_array *array, *next;
	unsigned int stage, rows;

	if (!view->set->arrays) {
		print_none(out);
		return;
	}
	fprintf(out, "%s%-7s %-14s %8s %8s %9s %9s %9s %9s%s\n", start_colour(term, "\033[1m"),
		"array", "stage", "count", "count/s", "mean us", "p50 us", "p99 us", "max us",
		end_colour(term));
	HASH_ITER (hh, view->set->arrays, array, next) {
		rows = 0;
		for (stage = 0; stage < BT_STAGES; stage++) {
			if (!bt_stage_shown(view, stage) || !array->stages[stage].count)
				continue;
			print_row(out, view, array, stage);
			rows++;
		}
		if (!rows)
			fprintf(out, "%-7s nothing\n", array->name);
	}
}

void bt_stage_notes(FILE *out, const struct bt_stage_view *view)
{
	const struct bt_stage_set *set = view->set;
	unsigned int stage;

	for (stage = 0; stage < BT_STAGES; stage++)
		if (view->stages & bt_stage_bit(stage) && set->missing[stage])
			fprintf(out, "%s: not measured: %s\n", bt_stages[stage].title,
				set->missing[stage]);
	if (set->lost)
		fprintf(out,
			"%" PRIu64
			" durations lost: their page was never written, or out of memory\n",
			set->lost);
	if (set->lost_records)
		fprintf(out, "%" PRIu64 " records lost, with their durations\n", set->lost_records);
}
