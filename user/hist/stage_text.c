// SPDX-License-Identifier: GPL-2.0-only
#include "hist/stage_text.h"

#include <inttypes.h>
#include <string.h>

static const struct bt_percentiles of_histogram = { { 500000, 900000, 990000, 999000 }, 4 };
static const struct bt_percentiles of_table = { { 500000, 990000 }, 2 };

/* The way of a write, from outside to the disk; then what the array's thread does. */
static const enum bt_stage way[BT_STAGES] = {
	BT_STAGE_USER_WRITE,  BT_STAGE_BITMAP_WAIT,    BT_STAGE_UNPLUG_WORK, BT_STAGE_UNPLUG,
	BT_STAGE_UNPLUG_IDLE, BT_STAGE_DIRTY_TO_WRITE, BT_STAGE_PAGE_WRITE,  BT_STAGE_SET_TO_DISK,
	BT_STAGE_DAEMON_PASS, BT_STAGE_UPDATE_SB,      BT_STAGE_LIFETIME,
};

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

/* "p99.9" */
static void format_percentile(char *label, size_t len, uint32_t per_million)
{
	snprintf(label, len, "p%.6g", per_million / 1e4);
}

/* One that the count does not carry would be the maximum. */
static void print_percentiles(FILE *out, const struct bt_histogram *histogram,
			      const struct bt_percentiles *percentiles)
{
	char label[16];
	unsigned int i;

	for (i = 0; i < percentiles->nr; i++) {
		format_percentile(label, sizeof(label), percentiles->per_million[i]);
		fputs(i ? ", " : "\n  ", out);
		if (bt_histogram_carries(histogram, percentiles->per_million[i]))
			print_duration(
				out, label,
				bt_histogram_quantile_ns(histogram, percentiles->per_million[i]));
		else
			fprintf(out, "%s -", label);
	}
	fputs("\n", out);
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
		       const struct bt_histogram *histogram,
		       const struct bt_percentiles *percentiles)
{
	if (!percentiles || !percentiles->nr)
		percentiles = &of_histogram;

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
	print_percentiles(out, histogram, percentiles);
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
	unsigned int i;
	char title[128];

	for (i = 0; i < BT_STAGES; i++) {
		if (!bt_stage_shown(view, way[i]))
			continue;
		format_title(title, sizeof(title), array->name, &bt_stages[way[i]]);
		bt_histogram_text(out, term, title, &array->stages[way[i]], view->percentiles);
	}
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

static const struct bt_percentiles *columns(const struct bt_stage_view *view)
{
	return view->percentiles && view->percentiles->nr ? view->percentiles : &of_table;
}

static void print_row(FILE *out, const struct bt_stage_view *view,
		      const struct bt_stage_array *array, unsigned int stage)
{
	const struct bt_histogram *histogram = &array->stages[stage];
	double seconds = (double)(view->until_ns - view->from_ns) / 1e9;
	unsigned int i;

	fprintf(out, "%-7s %-14s %8" PRIu64, array->name, bt_stages[stage].name, histogram->count);
	if (view->until_ns > view->from_ns)
		fprintf(out, " %8.1f", (double)histogram->count / seconds);
	else
		fprintf(out, " %8s", "-");
	print_us(out, bt_histogram_mean_ns(histogram));
	for (i = 0; i < columns(view)->nr; i++) {
		if (bt_histogram_carries(histogram, columns(view)->per_million[i]))
			print_us(out, bt_histogram_quantile_ns(histogram,
							       columns(view)->per_million[i]));
		else
			fprintf(out, " %9s", "-");
	}
	print_us(out, histogram->max_ns);
	fputc('\n', out);
}

static void print_head(FILE *out, const struct bt_term *term, const struct bt_stage_view *view)
{
	char label[16];
	unsigned int i;

	fprintf(out, "%s%-7s %-14s %8s %8s %9s", start_colour(term, "\033[1m"), "array", "stage",
		"count", "count/s", "mean us");
	for (i = 0; i < columns(view)->nr; i++) {
		format_percentile(label, sizeof(label), columns(view)->per_million[i]);
		fprintf(out, " %6s us", label);
	}
	fprintf(out, " %9s%s\n", "max us", end_colour(term));
}

void bt_stage_table(FILE *out, const struct bt_term *term, const struct bt_stage_view *view)
{
	const struct bt_stage_array *array, *next;
	unsigned int i, rows;

	if (!view->set->arrays) {
		print_none(out);
		return;
	}
	print_head(out, term, view);
	HASH_ITER (hh, view->set->arrays, array, next) {
		rows = 0;
		for (i = 0; i < BT_STAGES; i++) {
			if (!bt_stage_shown(view, way[i]) || !array->stages[way[i]].count)
				continue;
			print_row(out, view, array, way[i]);
			rows++;
		}
		if (!rows)
			fprintf(out, "%-7s nothing\n", array->name);
		print_share(out, view, array);
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
