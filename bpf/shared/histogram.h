/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The buckets of a latency histogram, for the probes and for user space: both put a duration
 * into the same bucket.
 *
 * Log-linear, as HdrHistogram's: BT_BUCKETS_PER_OCTAVE of equal width for each
 * power of two, so a bucket is at most 1/64 (1.6 %) as wide as the durations
 * in it; below 128 ns each has a bucket of its own.
 *
 * 64, not 32: so 2^n us is where a bucket begins, as 2^n ns is (1000 = 125 << 3,
 * and 125 takes seven bits). Tables in powers of two of either are exact.
 */
#ifndef BITMAP_TRACE_HISTOGRAM_H
#define BITMAP_TRACE_HISTOGRAM_H

#include "shared/event.h" /* integer types for BPF and user space */

#define BT_OCTAVE_BITS	      6
#define BT_BUCKETS_PER_OCTAVE (1U << BT_OCTAVE_BITS)
#define BT_DURATION_BITS      40 /* 18 minutes; longer durations are in the last bucket */
#define BT_BUCKETS	      ((BT_DURATION_BITS - BT_OCTAVE_BITS + 1) << BT_OCTAVE_BITS)

/*
 * 63 - clz for the BPF target, which has no such instruction: all bits below the highest are
 * set, and the product with a de Bruijn number has six upper bits that differ for each of the
 * 64 possible values. value > 0.
 */
static inline __attribute__((always_inline)) uint32_t bt_log2(uint64_t value)
{
	static const uint8_t log2_of[64] = {
		0,  58, 1,  59, 47, 53, 2,  60, 39, 48, 27, 54, 33, 42, 3,  61,
		51, 37, 40, 49, 18, 28, 20, 55, 30, 34, 11, 43, 14, 22, 4,  62,
		57, 46, 52, 38, 26, 32, 41, 50, 36, 17, 19, 29, 10, 13, 21, 56,
		45, 25, 31, 35, 16, 9,	12, 44, 24, 15, 8,  23, 7,  6,	5,  63,
	};

	value |= value >> 1;
	value |= value >> 2;
	value |= value >> 4;
	value |= value >> 8;
	value |= value >> 16;
	value |= value >> 32;
	return log2_of[value * 0x03f6eaf2cd271461ULL >> 58];
}

/* Below BT_BUCKETS. */
static inline __attribute__((always_inline)) uint32_t bt_bucket_of(uint64_t ns)
{
	uint32_t log;

	if (ns < BT_BUCKETS_PER_OCTAVE)
		return (uint32_t)ns;
	if (ns >> BT_DURATION_BITS)
		return BT_BUCKETS - 1;
	log = bt_log2(ns);
	return ((log - BT_OCTAVE_BITS) << BT_OCTAVE_BITS) +
	       (uint32_t)(ns >> (log - BT_OCTAVE_BITS));
}

/* The shortest duration in the bucket, which ends where the next begins. bucket <= BT_BUCKETS. */
static inline __attribute__((always_inline)) uint64_t bt_bucket_low(uint32_t bucket)
{
	uint32_t octave = bucket >> BT_OCTAVE_BITS;

	if (octave <= 1)
		return bucket;
	return (uint64_t)((bucket & (BT_BUCKETS_PER_OCTAVE - 1)) + BT_BUCKETS_PER_OCTAVE)
	       << (octave - 1);
}

#endif /* BITMAP_TRACE_HISTOGRAM_H */
