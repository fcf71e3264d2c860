// SPDX-License-Identifier: GPL-2.0-only
#include "hist/histogram.h"

#include <string.h>

static uint64_t add_saturated(uint64_t a, uint64_t b)
{
	return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

uint64_t bt_bucket_high(uint32_t bucket)
{
	return bucket == BT_BUCKETS - 1 ? UINT64_MAX : bt_bucket_low(bucket + 1) - 1;
}

void bt_histogram_add(struct bt_histogram *histogram, uint64_t ns)
{
	if (!histogram->count || ns < histogram->min_ns)
		histogram->min_ns = ns;
	if (ns > histogram->max_ns)
		histogram->max_ns = ns;
	histogram->count++;
	histogram->total_ns = add_saturated(histogram->total_ns, ns);
	histogram->buckets[bt_bucket_of(ns)]++;
}

void bt_histogram_merge(struct bt_histogram *histogram, const struct bt_histogram *from)
{
	uint32_t bucket;

	if (!from->count)
		return;
	if (!histogram->count || from->min_ns < histogram->min_ns)
		histogram->min_ns = from->min_ns;
	if (from->max_ns > histogram->max_ns)
		histogram->max_ns = from->max_ns;
	histogram->count += from->count;
	histogram->total_ns = add_saturated(histogram->total_ns, from->total_ns);
	for (bucket = bt_bucket_of(from->min_ns); bucket <= bt_bucket_of(from->max_ns); bucket++)
		histogram->buckets[bucket] += from->buckets[bucket];
}

/* The extremes of the buckets, where the all-time extremes are less exact. */
static void set_extremes(struct bt_histogram *histogram)
{
	uint32_t first = 0, last = BT_BUCKETS - 1;

	while (first < BT_BUCKETS - 1 && !histogram->buckets[first])
		first++;
	while (last && !histogram->buckets[last])
		last--;
	if (bt_bucket_low(first) > histogram->min_ns)
		histogram->min_ns = bt_bucket_low(first);
	if (bt_bucket_high(last) < histogram->max_ns)
		histogram->max_ns = bt_bucket_high(last);
}

void bt_histogram_subtract(struct bt_histogram *histogram, const struct bt_histogram *before)
{
	uint32_t bucket;

	if (histogram->count == before->count) {
		bt_histogram_reset(histogram);
		return;
	}
	histogram->count -= before->count;
	histogram->total_ns -= before->total_ns;
	for (bucket = 0; bucket < BT_BUCKETS; bucket++)
		histogram->buckets[bucket] -= before->buckets[bucket];
	set_extremes(histogram);
}

void bt_histogram_reset(struct bt_histogram *histogram)
{
	if (histogram->count)
		memset(histogram, 0, sizeof(*histogram));
}

uint64_t bt_histogram_mean_ns(const struct bt_histogram *histogram)
{
	return histogram->count ? histogram->total_ns / histogram->count : 0;
}

#define MILLION 1000000u

/* per_million of the durations as a number, rounded up; at least one. */
static uint64_t rank_of(uint64_t count, uint32_t per_million)
{
	uint64_t rank = count / MILLION * per_million +
			(count % MILLION * per_million + MILLION - 1) / MILLION;

	return rank ? rank : 1;
}

uint64_t bt_histogram_quantile_ns(const struct bt_histogram *histogram, uint32_t per_million)
{
	uint64_t rank = rank_of(histogram->count, per_million), seen = 0, high;
	uint32_t bucket;

	if (!histogram->count)
		return 0;
	for (bucket = bt_bucket_of(histogram->min_ns); bucket < BT_BUCKETS - 1; bucket++) {
		seen += histogram->buckets[bucket];
		if (seen >= rank)
			break;
	}
	high = bt_bucket_high(bucket);
	return high < histogram->max_ns ? high : histogram->max_ns;
}

uint64_t bt_histogram_percentile_ns(const struct bt_histogram *histogram, unsigned int per_mille)
{
	return bt_histogram_quantile_ns(histogram, per_mille * 1000);
}

bool bt_histogram_carries(const struct bt_histogram *histogram, uint32_t per_million)
{
	/* On the side that has less; the median of one is that one. */
	uint64_t beyond =
		per_million <= MILLION / 2 ? 2 * (uint64_t)per_million : MILLION - per_million;

	if (!histogram->count || per_million >= MILLION)
		return histogram->count > 0;
	return beyond && histogram->count >= (MILLION + beyond - 1) / beyond;
}

unsigned int bt_slot_of(uint64_t ns, enum bt_slot_unit unit)
{
	uint64_t low = bt_bucket_low(bt_bucket_of(ns)) / unit;

	return low ? bt_log2(low) : 0;
}

unsigned int bt_slot_last(enum bt_slot_unit unit)
{
	return bt_slot_of(UINT64_MAX, unit);
}

/* The first bucket after the slot; no bucket crosses the end of a slot. */
static uint32_t slot_end(unsigned int slot, enum bt_slot_unit unit)
{
	if (slot == bt_slot_last(unit))
		return BT_BUCKETS;
	return bt_bucket_of((UINT64_C(2) << slot) * unit);
}

void bt_histogram_slots(const struct bt_histogram *histogram, enum bt_slot_unit unit,
			uint64_t slots[BT_SLOTS])
{
	unsigned int slot = bt_slot_of(histogram->min_ns, unit);
	uint32_t bucket, end = slot_end(slot, unit);

	memset(slots, 0, BT_SLOTS * sizeof(slots[0]));
	if (!histogram->count)
		return;
	for (bucket = bt_bucket_of(histogram->min_ns); bucket <= bt_bucket_of(histogram->max_ns);
	     bucket++) {
		while (bucket >= end)
			end = slot_end(++slot, unit);
		slots[slot] += histogram->buckets[bucket];
	}
}
