/* SPDX-License-Identifier: GPL-2.0-only */
/* A log2 histogram of durations, as biolatency prints them. */
#ifndef BT_HISTOGRAM_H
#define BT_HISTOGRAM_H

#include <stdint.h>
#include <stdio.h>

#define BT_SLOTS 64

struct bt_histogram {
	uint64_t count;
	uint64_t total_ns;
	uint64_t min_ns; /* valid when count > 0 */
	uint64_t max_ns;
	uint64_t slots[BT_SLOTS]; /* slot n: 2^n <= ns < 2^(n+1); slot 0 also holds 0 */
	/* The same in microseconds: 2^10 ns is none of their powers of two. */
	uint64_t us_slots[BT_SLOTS];
};

void bt_histogram_add(struct bt_histogram *histogram, uint64_t ns);

/*
 * One title line with count, mean and maximum, then a line a bucket from the
 * first to the last that is not empty: in microseconds, or in nanoseconds when
 * all are below 1024. Nothing but the title when empty.
 */
void bt_histogram_print(FILE *out, const char *title, const struct bt_histogram *histogram);

#endif /* BT_HISTOGRAM_H */
