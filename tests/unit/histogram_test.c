// SPDX-License-Identifier: GPL-2.0-only
#include "hist/histogram.h"

#include <stdlib.h>
#include <string.h>

/* needed before cmocka.h */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define SAMPLES 5000

static int compare(const void *a, const void *b)
{
	uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;

	return (left > right) - (left < right);
}

/* Uniform over the orders of magnitude: 0 to 2^bits - 1. */
static uint64_t random_duration(unsigned int bits)
{
	uint64_t value = (uint64_t)rand() << 40 ^ (uint64_t)rand() << 20 ^ (uint64_t)rand();

	return (value & ((UINT64_C(1) << bits) - 1)) >> (unsigned int)rand() % bits;
}

static void fill(struct bt_histogram *histogram, uint64_t *samples, unsigned int nr,
		 unsigned int bits)
{
	unsigned int i;

	memset(histogram, 0, sizeof(*histogram));
	for (i = 0; i < nr; i++) {
		samples[i] = random_duration(bits);
		bt_histogram_add(histogram, samples[i]);
	}
	qsort(samples, nr, sizeof(samples[0]), compare);
}

static void expect_percentile(const struct bt_histogram *histogram, const uint64_t *samples,
			      unsigned int nr, unsigned int per_mille)
{
	uint64_t got = bt_histogram_percentile_ns(histogram, per_mille);
	unsigned int rank = (nr * per_mille + 999) / 1000;
	uint64_t exact = samples[rank ? rank - 1 : 0];

	assert_true(got >= exact);
	assert_true(got - exact <= exact / 64);
	assert_true(got <= samples[nr - 1]);
}

static void percentiles_are_those_of_the_sorted_samples(void **state)
{
	static const unsigned int per_mille[] = { 0, 1, 250, 500, 900, 990, 999, 1000 };
	static struct bt_histogram histogram;
	static uint64_t samples[SAMPLES];
	unsigned int run, i, nr;

	(void)state;
	srand(1);
	for (run = 0; run < 200; run++) {
		nr = run < 20 ? run + 1 : 1 + (unsigned int)rand() % SAMPLES;
		fill(&histogram, samples, nr, 10 + run % 30);
		assert_int_equal(histogram.count, nr);
		assert_true(histogram.min_ns == samples[0]);
		assert_true(histogram.max_ns == samples[nr - 1]);
		for (i = 0; i < sizeof(per_mille) / sizeof(per_mille[0]); i++)
			expect_percentile(&histogram, samples, nr, per_mille[i]);
	}
}

static void none_and_one(void **state)
{
	static struct bt_histogram histogram;

	(void)state;
	assert_int_equal(bt_histogram_percentile_ns(&histogram, 500), 0);
	assert_int_equal(bt_histogram_mean_ns(&histogram), 0);
	bt_histogram_add(&histogram, 1234567);
	assert_int_equal(bt_histogram_percentile_ns(&histogram, 1), 1234567);
	assert_int_equal(bt_histogram_percentile_ns(&histogram, 500), 1234567);
	assert_int_equal(bt_histogram_percentile_ns(&histogram, 999), 1234567);
	assert_int_equal(bt_histogram_mean_ns(&histogram), 1234567);
}

/* Durations beyond the buckets are bounded by the maximum, and sums do not wrap. */
static void extreme_durations(void **state)
{
	static struct bt_histogram histogram;

	(void)state;
	bt_histogram_add(&histogram, 0);
	bt_histogram_add(&histogram, UINT64_C(1) << BT_DURATION_BITS);
	bt_histogram_add(&histogram, UINT64_MAX - 1);
	assert_int_equal(bt_histogram_percentile_ns(&histogram, 333), 0);
	assert_true(bt_histogram_percentile_ns(&histogram, 500) == UINT64_MAX - 1);
	assert_int_equal(histogram.buckets[BT_BUCKETS - 1], 2);
	assert_true(histogram.total_ns == UINT64_MAX);
	memset(&histogram, 0, sizeof(histogram));
	histogram.count = histogram.buckets[5] = UINT64_MAX;
	histogram.min_ns = histogram.max_ns = 5;
	assert_int_equal(bt_histogram_percentile_ns(&histogram, 1000), 5);
}

static void buckets_follow_each_other(void **state)
{
	uint32_t bucket;

	(void)state;
	assert_int_equal(bt_bucket_low(0), 0);
	for (bucket = 0; bucket < BT_BUCKETS; bucket++) {
		assert_int_equal(bt_bucket_of(bt_bucket_low(bucket)), bucket);
		assert_int_equal(bt_bucket_of(bt_bucket_high(bucket)), bucket);
		if (bucket < BT_BUCKETS - 1)
			assert_true(bt_bucket_low(bucket + 1) == bt_bucket_high(bucket) + 1);
	}
	assert_true(bt_bucket_low(BT_BUCKETS) == UINT64_C(1) << BT_DURATION_BITS);
	assert_true(bt_bucket_high(BT_BUCKETS - 1) == UINT64_MAX);
}

static void merged_is_as_if_all_were_one(void **state)
{
	static struct bt_histogram all, part[3];
	uint64_t ns;
	unsigned int i;

	(void)state;
	srand(2);
	for (i = 0; i < 1000; i++) {
		ns = random_duration(45);
		bt_histogram_add(&all, ns);
		bt_histogram_add(&part[rand() % 2], ns); /* the third remains empty */
	}
	bt_histogram_merge(&part[2], &part[1]);
	bt_histogram_merge(&part[2], &part[0]);
	assert_memory_equal(&part[2], &all, sizeof(all));
	memset(&part[0], 0, sizeof(part[0]));
	bt_histogram_merge(&part[2], &part[0]);
	assert_memory_equal(&part[2], &all, sizeof(all));
}

static void the_difference_is_what_came_since(void **state)
{
	static struct bt_histogram now, before, since;

	(void)state;
	bt_histogram_add(&now, 1000);
	bt_histogram_add(&now, 9000000);
	before = now;
	bt_histogram_subtract(&now, &before);
	assert_int_equal(now.count, 0);
	assert_int_equal(now.max_ns, 0);
	now = before;
	bt_histogram_add(&now, 30000);
	bt_histogram_add(&now, 70001);
	since = now;
	bt_histogram_subtract(&since, &before);
	assert_int_equal(since.count, 2);
	assert_int_equal(since.total_ns, 100001);
	assert_int_equal(since.min_ns, bt_bucket_low(bt_bucket_of(30000)));
	assert_int_equal(since.max_ns, bt_bucket_high(bt_bucket_of(70001)));
	before = now;
	bt_histogram_add(&now, 3);
	since = now;
	bt_histogram_subtract(&since, &before);
	assert_int_equal(since.min_ns, 3);
	assert_int_equal(since.max_ns, 3);
}

static void expect_slots(enum bt_slot_unit unit)
{
	static struct bt_histogram histogram;
	uint64_t slots[BT_SLOTS], low, high;
	unsigned int slot;

	memset(&histogram, 0, sizeof(histogram));
	for (slot = 0; slot <= bt_slot_last(unit); slot++) {
		low = slot ? (UINT64_C(1) << slot) * unit : 0;
		high = (UINT64_C(2) << slot) * unit - 1;
		bt_histogram_add(&histogram, low);
		bt_histogram_add(&histogram, high);
		bt_histogram_add(&histogram, low + (high - low) / 2);
		assert_int_equal(bt_slot_of(low, unit), slot);
		assert_int_equal(bt_slot_of(high, unit), slot);
	}
	bt_histogram_slots(&histogram, unit, slots);
	for (slot = 0; slot < BT_SLOTS; slot++)
		assert_int_equal(slots[slot], slot <= bt_slot_last(unit) ? 3 : 0);
}

static void slots_are_exact_in_both_units(void **state)
{
	(void)state;
	expect_slots(BT_SLOTS_NS);
	expect_slots(BT_SLOTS_US);
	assert_int_equal(bt_slot_of(UINT64_MAX, BT_SLOTS_NS), 39);
	assert_int_equal(bt_slot_of(UINT64_MAX, BT_SLOTS_US), 30);
}

static void a_percentile_takes_as_many_durations(void **state)
{
	static struct bt_histogram histogram;
	unsigned int i;

	(void)state;
	assert_false(bt_histogram_carries(&histogram, 500000));
	bt_histogram_add(&histogram, 7);
	assert_true(bt_histogram_carries(&histogram, 500000));
	assert_false(bt_histogram_carries(&histogram, 900000));
	assert_false(bt_histogram_carries(&histogram, 10000));
	assert_true(bt_histogram_carries(&histogram, 1000000));
	for (i = 1; i < 99; i++)
		bt_histogram_add(&histogram, i);
	assert_true(bt_histogram_carries(&histogram, 900000));
	assert_true(bt_histogram_carries(&histogram, 10000));
	assert_false(bt_histogram_carries(&histogram, 990000));
	bt_histogram_add(&histogram, 1000);
	assert_true(bt_histogram_carries(&histogram, 990000));
	assert_false(bt_histogram_carries(&histogram, 990001));
	assert_int_equal(bt_histogram_quantile_ns(&histogram, 990000), 98);
	assert_int_equal(bt_histogram_quantile_ns(&histogram, 999999), 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_percentile_takes_as_many_durations),
		cmocka_unit_test(percentiles_are_those_of_the_sorted_samples),
		cmocka_unit_test(none_and_one),
		cmocka_unit_test(extreme_durations),
		cmocka_unit_test(buckets_follow_each_other),
		cmocka_unit_test(merged_is_as_if_all_were_one),
		cmocka_unit_test(the_difference_is_what_came_since),
		cmocka_unit_test(slots_are_exact_in_both_units),
	};

	return cmocka_run_group_tests_name("histogram", tests, NULL, NULL);
}
