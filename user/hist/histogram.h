/* SPDX-License-Identifier: GPL-2.0-only */
/* A histogram of durations in the log-linear buckets of bpf/shared/histogram.h. */
#ifndef BT_HISTOGRAM_H
#define BT_HISTOGRAM_H

#include <stdbool.h>
#include <stdint.h>

/* Shared with the probes: BT_BUCKETS, bt_bucket_of, bt_bucket_low. */
#include "shared/histogram.h"

struct bt_histogram {
	uint64_t count;	   /* of all buckets together */
	uint64_t total_ns; /* saturated */
	uint64_t min_ns;   /* valid when count > 0 */
	uint64_t max_ns;
	uint64_t buckets[BT_BUCKETS];
};

/* The longest duration in the bucket; UINT64_MAX for the last one. bucket < BT_BUCKETS. */
uint64_t bt_bucket_high(uint32_t bucket);

void bt_histogram_add(struct bt_histogram *histogram, uint64_t ns);

/* Adds all durations of from to histogram. */
void bt_histogram_merge(struct bt_histogram *histogram, const struct bt_histogram *from);

/*
 * Subtracts before, an earlier copy of the same histogram. Extremes that have not moved since
 * are then known only to their bucket.
 */
void bt_histogram_subtract(struct bt_histogram *histogram, const struct bt_histogram *before);

/* Empties it; cheap if it is empty. */
void bt_histogram_reset(struct bt_histogram *histogram);

/* 0 if empty. */
uint64_t bt_histogram_mean_ns(const struct bt_histogram *histogram);

/*
 * An upper bound of per_mille of the durations (nearest rank), at most 1/64 above the longest
 * of these and never beyond the extremes; 0 if empty. From 2^BT_DURATION_BITS ns on all
 * durations share a bucket, and the bound is the maximum. per_mille <= 1000.
 */
uint64_t bt_histogram_percentile_ns(const struct bt_histogram *histogram, unsigned int per_mille);
/* The same, finer. per_million <= 1000000. */
uint64_t bt_histogram_quantile_ns(const struct bt_histogram *histogram, uint32_t per_million);

/*
 * Is any duration expected beyond it? Otherwise the count does not tell it from the maximum, or
 * below the median from the minimum.
 */
bool bt_histogram_carries(const struct bt_histogram *histogram, uint32_t per_million);

/* Powers of two in two units: each slot consists of whole buckets, so its count is exact. */
#define BT_SLOTS BT_DURATION_BITS
enum bt_slot_unit { BT_SLOTS_NS = 1, BT_SLOTS_US = 1000 };

/*
 * slots[n]: 2^n <= duration / unit < 2^(n+1); slots[0] also has shorter durations, and the slot
 * of the longest bucket has longer ones, see bt_slot_last.
 */
void bt_histogram_slots(const struct bt_histogram *histogram, enum bt_slot_unit unit,
			uint64_t slots[BT_SLOTS]);

/* The slot of a duration in ns. Below BT_SLOTS. */
unsigned int bt_slot_of(uint64_t ns, enum bt_slot_unit unit);

/* The slot without an upper end. */
unsigned int bt_slot_last(enum bt_slot_unit unit);

#endif /* BT_HISTOGRAM_H */
