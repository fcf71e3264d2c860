/* SPDX-License-Identifier: GPL-2.0-only */
/* A histogram of durations in the log-linear buckets of bpf/shared/histogram.h. */
#ifndef BT_HISTOGRAM_H
#define BT_HISTOGRAM_H

#include <stdint.h>

/* The probes' part: BT_BUCKETS, bt_bucket_of, bt_bucket_low. */
#include "shared/histogram.h"

struct bt_histogram {
	uint64_t count;	   /* of all buckets together */
	uint64_t total_ns; /* saturated */
	uint64_t min_ns;   /* valid when count > 0 */
	uint64_t max_ns;
	uint64_t buckets[BT_BUCKETS];
};

/* The longest duration in it; of the last one UINT64_MAX. bucket < BT_BUCKETS. */
uint64_t bt_bucket_high(uint32_t bucket);

void bt_histogram_add(struct bt_histogram *histogram, uint64_t ns);

/* As if all that from has been given had been given to histogram, too. */
void bt_histogram_merge(struct bt_histogram *histogram, const struct bt_histogram *from);

/*
 * Leaves what was added since before, an earlier copy of the same histogram.
 * Extremes that did not move since are then known to their bucket only.
 */
void bt_histogram_subtract(struct bt_histogram *histogram, const struct bt_histogram *before);

/* Empty again; costs nothing when it is. */
void bt_histogram_reset(struct bt_histogram *histogram);

/* 0 when empty. */
uint64_t bt_histogram_mean_ns(const struct bt_histogram *histogram);

/*
 * A bound that per_mille of the durations keep (nearest rank), at most 1/64
 * above the longest of these and never beyond the extremes; 0 when empty.
 * From 2^BT_DURATION_BITS ns on durations share a bucket, and the bound is the
 * maximum. per_mille <= 1000.
 */
uint64_t bt_histogram_percentile_ns(const struct bt_histogram *histogram, unsigned int per_mille);

/* Powers of two, in two units: whole buckets each, so that nothing is put wrong. */
#define BT_SLOTS BT_DURATION_BITS
enum bt_slot_unit { BT_SLOTS_NS = 1, BT_SLOTS_US = 1000 };

/*
 * slots[n]: 2^n <= duration / unit < 2^(n+1); slots[0] also has what is
 * shorter, and the slot of the longest duration a bucket can tell has what is
 * longer, see bt_slot_last.
 */
void bt_histogram_slots(const struct bt_histogram *histogram, enum bt_slot_unit unit,
			uint64_t slots[BT_SLOTS]);

/* Of a duration in ns: its slot. Below BT_SLOTS. */
unsigned int bt_slot_of(uint64_t ns, enum bt_slot_unit unit);

/* The one that has no end. */
unsigned int bt_slot_last(enum bt_slot_unit unit);

#endif /* BT_HISTOGRAM_H */
