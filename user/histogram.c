// SPDX-License-Identifier: GPL-2.0-only
#include "histogram.h"

#include <inttypes.h>

#define BAR_WIDTH 40

void bt_histogram_add(struct bt_histogram *histogram, uint64_t ns)
{
	unsigned int slot = ns ? 63 - (unsigned int)__builtin_clzll(ns) : 0;

	if (!histogram->count || ns < histogram->min_ns)
		histogram->min_ns = ns;
	if (ns > histogram->max_ns)
		histogram->max_ns = ns;
	histogram->count++;
	histogram->total_ns += ns;
	histogram->slots[slot]++;
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

/* 2^slot nanoseconds in powers of two of the unit would drift; round to the unit. */
static void print_slots(FILE *out, const struct bt_histogram *histogram)
{
	unsigned int slot, first = BT_SLOTS, last = 0;
	struct unit unit = { "ns", 1 };
	uint64_t max = 0;

	for (slot = 0; slot < BT_SLOTS; slot++) {
		if (!histogram->slots[slot])
			continue;
		if (first == BT_SLOTS)
			first = slot;
		last = slot;
		if (histogram->slots[slot] > max)
			max = histogram->slots[slot];
	}
	if (first >= 20) /* 2^20 ns and more: show microseconds, which keeps numbers short */
		unit = (struct unit){ "us", 1000 };
	fprintf(out, "  %24s : count\n", unit.name);
	for (slot = first; slot <= last; slot++) {
		uint64_t low = slot ? (UINT64_C(1) << slot) / unit.ns : 0;
		uint64_t high =
			slot == 63 ? UINT64_MAX : ((UINT64_C(1) << (slot + 1)) - 1) / unit.ns;

		fprintf(out, "  %10" PRIu64 " -> %-10" PRIu64 " : %-9" PRIu64, low, high,
			histogram->slots[slot]);
		print_bar(out, histogram->slots[slot], max);
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
