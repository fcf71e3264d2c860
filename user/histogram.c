// SPDX-License-Identifier: GPL-2.0-only
#include "histogram.h"

#include <inttypes.h>
#include <stdbool.h>

#define BAR_WIDTH 40

static unsigned int slot_of(uint64_t value)
{
	return value ? 63 - (unsigned int)__builtin_clzll(value) : 0;
}

void bt_histogram_add(struct bt_histogram *histogram, uint64_t ns)
{
	if (!histogram->count || ns < histogram->min_ns)
		histogram->min_ns = ns;
	if (ns > histogram->max_ns)
		histogram->max_ns = ns;
	histogram->count++;
	histogram->total_ns += ns;
	histogram->slots[slot_of(ns)]++;
	histogram->us_slots[slot_of(ns / 1000)]++;
}

struct unit {
	const char *name;
	uint64_t ns;
};

/* The largest unit in which the smallest value is still at least 1. */
static struct unit unit_for(uint64_t min_ns)
{
	static const struct unit units[] = { { "s", 1000000000 },
					     { "ms", 1000000 },
					     { "us", 1000 } };
	unsigned int i;

	for (i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (min_ns >= units[i].ns)
			return units[i];
	return (struct unit){ "ns", 1 };
}

/* "12.3 ms": for people, in the unit that fits the value itself. */
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
	bool us = histogram->max_ns >= 1024;
	const uint64_t *slots = us ? histogram->us_slots : histogram->slots;
	unsigned int slot, first = BT_SLOTS, last = 0;
	uint64_t max = 0, low;

	for (slot = 0; slot < BT_SLOTS; slot++) {
		if (!slots[slot])
			continue;
		if (first == BT_SLOTS)
			first = slot;
		last = slot;
		if (slots[slot] > max)
			max = slots[slot];
	}
	fprintf(out, "  %14s%10s : count     distribution\n", us ? "usecs" : "nsecs", "");
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
	print_duration(out, "mean", histogram->total_ns / histogram->count);
	print_duration(out, "min", histogram->min_ns);
	print_duration(out, "max", histogram->max_ns);
	fputs("\n", out);
	print_slots(out, histogram);
}
