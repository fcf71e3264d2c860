// SPDX-License-Identifier: GPL-2.0-only
#include "stage_text.h"

#include <inttypes.h>

#define BAR_WIDTH 40

struct unit {
	const char *name;
	uint64_t ns;
};

/* The largest unit in which the value is still at least 1. */
static struct unit unit_for(uint64_t ns)
{
	static const struct unit units[] = { { "s", 1000000000 },
					     { "ms", 1000000 },
					     { "us", 1000 } };
	unsigned int i;

	for (i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (ns >= units[i].ns)
			return units[i];
	return (struct unit){ "ns", 1 };
}

/* "12.3 ms": in the unit that fits the value itself. */
static void print_duration(FILE *out, const char *label, uint64_t ns)
{
	struct unit unit = unit_for(ns);

	fprintf(out, ", %s %.3g %s", label, (double)ns / (double)unit.ns, unit.name);
}

static void print_bar(FILE *out, uint64_t value, uint64_t max)
{
	unsigned int i, stars = (unsigned int)(value * BAR_WIDTH / max);

	fputc('|', out);
	for (i = 0; i < BAR_WIDTH; i++)
		fputc(i < stars ? '*' : ' ', out);
	fputs("|\n", out);
}

/* As biolatency does: 0 -> 1, 2 -> 3, 4 -> 7, no edge shared. */
static void print_slots(FILE *out, const struct bt_histogram *histogram)
{
	enum bt_slot_unit unit = histogram->max_ns >= 1024 ? BT_SLOTS_US : BT_SLOTS_NS;
	unsigned int slot, first = BT_SLOTS, last = 0;
	uint64_t slots[BT_SLOTS], max = 0, low;

	bt_histogram_slots(histogram, unit, slots);
	for (slot = 0; slot < BT_SLOTS; slot++) {
		if (!slots[slot])
			continue;
		if (first == BT_SLOTS)
			first = slot;
		last = slot;
		if (slots[slot] > max)
			max = slots[slot];
	}
	fprintf(out, "  %14s%10s : count     distribution\n",
		unit == BT_SLOTS_US ? "usecs" : "nsecs", "");
	for (slot = first; slot <= last; slot++) {
		low = slot ? UINT64_C(1) << slot : 0;
		fprintf(out, "  %10" PRIu64 " -> %-10" PRIu64 " : %-9" PRIu64, low,
			(UINT64_C(2) << slot) - 1, slots[slot]);
		print_bar(out, slots[slot], max);
	}
}

void bt_histogram_print(FILE *out, const char *title, const struct bt_histogram *histogram)
{
	fprintf(out, "%s: %" PRIu64, title, histogram->count);
	if (!histogram->count) {
		fputs("\n", out);
		return;
	}
	print_duration(out, "mean", bt_histogram_mean_ns(histogram));
	print_duration(out, "min", histogram->min_ns);
	print_duration(out, "max", histogram->max_ns);
	fputs("\n", out);
	print_slots(out, histogram);
}

static void print_array(FILE *out, const struct bt_stage_array *array)
{
	unsigned int stage;
	char title[80];

	for (stage = 0; stage < BT_STAGES; stage++) {
		snprintf(title, sizeof(title), "%s: %s", array->name, bt_stages[stage].title);
		bt_histogram_print(out, title, &array->stages[stage]);
	}
}

void bt_stage_text(FILE *out, const struct bt_stage_set *set)
{
	const struct bt_stage_array *array, *next;

	if (!set->arrays)
		fputs("no array with a bitmap did anything\n", out);
	HASH_ITER (hh, set->arrays, array, next)
		print_array(out, array);
	if (set->lost)
		fprintf(out,
			"%" PRIu64
			" durations lost: their page is never written, or memory is short\n",
			set->lost);
}
