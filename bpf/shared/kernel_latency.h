/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Between the probes that measure latencies by themselves (latency.bpf.c) and
 * user space, which reads the histograms and never sees an event.
 */
#ifndef BITMAP_TRACE_KERNEL_LATENCY_H
#define BITMAP_TRACE_KERNEL_LATENCY_H

#include "shared/histogram.h"
#include "shared/stage.h"

#define BT_KERNEL_ARRAYS_MAX 32 /* met in one run; further ones are not measured */
#define BT_KERNEL_INTERVALS  2	/* sets of histograms, in turn; a power of 2 */

/* One array and stage; all zero when empty. Element array * BT_STAGES + stage of a set. */
struct bt_kernel_histogram {
	uint64_t count;
	uint64_t total_ns;
	uint64_t max_ns;
	uint64_t min_inverted; /* ~min_ns: the largest so far, as max_ns is */
	uint64_t buckets[BT_BUCKETS];
};

/* An array that has been met: histograms stay when it is stopped, and go on with the next. */
struct bt_kernel_array {
	char name[32]; /* gendisk->disk_name, NUL-terminated; "" while the entry is not in use */
	uint32_t dev;  /* dev_t of the array, kernel encoding */
	uint32_t pad;
};

/* Durations that are missing because there was no room to remember their beginning. */
enum bt_latency_loss {
	BT_LATENCY_LOST_ARRAYS = 0, /* bitmaps, or arrays: all of one is missing */
	BT_LATENCY_LOST_PAGES = 1,  /* bitmap pages */
	BT_LATENCY_LOST_BITS = 2,   /* bits set and not yet cleared */
	BT_LATENCY_LOST_IOS = 3,    /* page writes under way */
	BT_LATENCY_LOST_CALLS = 4,  /* threads at work in the bitmap */
	BT_LATENCY_LOST_WRITES = 5, /* users' writes under way */
	BT_LATENCY_LOSSES = 6,
};

#endif /* BITMAP_TRACE_KERNEL_LATENCY_H */
