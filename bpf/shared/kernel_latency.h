/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The contract between the probes that measure latencies in the kernel (latency.bpf.c) and user
 * space, which reads the histograms and receives no events.
 */
#ifndef BITMAP_TRACE_KERNEL_LATENCY_H
#define BITMAP_TRACE_KERNEL_LATENCY_H

#include "shared/histogram.h"
#include "shared/stage.h"

#define BT_KERNEL_ARRAYS_MAX 32 /* seen in one run; further ones are not measured */
#define BT_KERNEL_INTERVALS  2	/* sets of histograms, in turn; a power of 2 */

/* One array and stage; all zero when empty. Element array * BT_STAGES + stage of a set. */
struct bt_kernel_histogram {
	uint64_t count;
	uint64_t total_ns;
	uint64_t max_ns;
	uint64_t min_inverted; /* ~min_ns: a maximum, like max_ns */
	uint64_t buckets[BT_BUCKETS];
};

/*
 * An array that was seen. Its histograms stay when it is stopped, and continue when it is
 * assembled again.
 */
struct bt_kernel_array {
	char name[32]; /* gendisk->disk_name, NUL-terminated; "" while the entry is not in use */
	uint32_t dev;  /* dev_t of the array, kernel encoding */
	uint32_t pad;
};

/* Durations that are missing because there was no room to store their beginning. */
enum bt_latency_loss {
	BT_LATENCY_LOST_ARRAYS = 0, /* bitmaps or arrays: all their durations are missing */
	BT_LATENCY_LOST_PAGES = 1,  /* bitmap pages */
	BT_LATENCY_LOST_BITS = 2,   /* bits set and not yet cleared */
	BT_LATENCY_LOST_IOS = 3,    /* page writes in flight */
	BT_LATENCY_LOST_CALLS = 4,  /* threads inside a function of the bitmap */
	BT_LATENCY_LOST_WRITES = 5, /* user writes in flight */
	BT_LATENCY_LOSSES = 6,
};

#endif /* BITMAP_TRACE_KERNEL_LATENCY_H */
