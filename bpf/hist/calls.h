/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The histograms, and what each thread is doing: the start times of the calls whose durations
 * are measured.
 */
#ifndef BITMAP_TRACE_CALLS_H
#define BITMAP_TRACE_CALLS_H

#include "hist/measured.h"

/*
 * Two sets, used in turn: the probes count in one while user space reads and empties the other.
 * User space switches the set, then stores into the fence map: that system call returns when no
 * program runs any more that may still count in the old set (maybe_wait_bpf_programs,
 * kernel/bpf/syscall.c).
 */
struct bt_kernel_histogram histograms[BT_KERNEL_INTERVALS][BT_KERNEL_ARRAYS_MAX * BT_STAGES] = {};
__u32 interval = 0;

struct nothing {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, 1);
	__type(key, __u32);
	__array(values, struct nothing);
} fence SEC(".maps");

/* Other CPUs may raise it, too; each failed cmpxchg leaves a larger value. */
static __always_inline void raise(__u64 *max, __u64 value)
{
	__u64 old;
	int i;

	for (i = 0; i < 16; i++) {
		old = *(volatile __u64 *)max;
		if (old >= value || __sync_val_compare_and_swap(max, old, value) == old)
			return;
	}
}

/* Rare: kept out of line. */
static __noinline int raise_extremes(struct bt_kernel_histogram *histogram, __u64 ns)
{
	if (!histogram)
		return 0;
	raise(&histogram->max_ns, ns);
	raise(&histogram->min_inverted, ~ns);
	return 0;
}

static __always_inline void add_ns(__u32 array, __u32 stage, __u64 ns)
{
	__u32 index = array * BT_STAGES + stage, bucket;
	struct bt_kernel_histogram *histogram;

	barrier_var(index);
	if (index >= BT_KERNEL_ARRAYS_MAX * BT_STAGES)
		return;
	histogram = &histograms[interval & (BT_KERNEL_INTERVALS - 1)][index];
	bucket = bt_bucket_of(ns);
	barrier_var(bucket);
	if (bucket >= BT_BUCKETS)
		return;
	__sync_fetch_and_add(&histogram->count, 1);
	__sync_fetch_and_add(&histogram->total_ns, ns);
	__sync_fetch_and_add(&histogram->buckets[bucket], 1);
	if (histogram->max_ns < ns || histogram->min_inverted < ~ns)
		raise_extremes(histogram, ns);
}

/* The clocks of two CPUs may differ a little. */
static __always_inline void add_span(__u32 array, __u32 stage, __u64 from_ns, __u64 to_ns)
{
	add_ns(array, stage, to_ns > from_ns ? to_ns - from_ns : 0);
}

static __always_inline void add(const struct known_bitmap *known, __u32 stage, __u64 from_ns,
				__u64 to_ns)
{
	add_span(known->array, stage, from_ns, to_ns);
}

/* ---- threads -------------------------------------------------------------------- */

#define CALLS_BITS 14

/*
 * A thread that is working for an array. Each thread has one slot, which it may take from a
 * thread that is idle. If two threads at work share a slot, the second is not measured; that is
 * counted.
 */
struct call {
	__u64 tag;		  /* thread and array; 0: free */
	__u64 unplug_ns, work_ns; /* when it entered; 0: it is not inside */
	__u64 update_sb_ns, daemon_ns;
	__u64 wait_from_ns, wait_to_ns; /* its last unplug, by itself or by a kworker */
	__u64 wrote;			/* its current unplug has submitted a page */
	__u64 page;			/* page that it submitted last in this call */
	__u64 first_copy;		/* first copy or block of that write */
	__u64 page_write;		/* of that write; 0: no bit waited for it */
};

static struct call calls[1 << CALLS_BITS];

static __always_inline bool call_idle(const struct call *call)
{
	return !call->unplug_ns && !call->work_ns && !call->update_sb_ns && !call->daemon_ns &&
	       !call->page_write;
}

static __always_inline __u64 call_tag(const struct known_bitmap *known)
{
	return (__u32)bpf_get_current_task_btf()->pid | ((__u64)known->array + 1) << 32;
}

static __always_inline struct call *call_slot(__u64 tag)
{
	return &calls[((__u32)tag + (__u32)(tag >> 32) * 4099) & ((1 << CALLS_BITS) - 1)];
}

/* The thread's call for that array, or NULL. */
static __always_inline struct call *call_find(const struct known_bitmap *known)
{
	__u64 tag = call_tag(known);
	struct call *call = call_slot(tag);

	if (call->tag != tag)
		call = NULL;
	barrier_var(call); /* else the tag is read again, which the verifier rejects */
	return call;
}

/* The same, to begin a call. */
static __always_inline struct call *call_begin(const struct known_bitmap *known)
{
	__u64 tag = call_tag(known), old;
	struct call *call = call_slot(tag);

	if (call->tag == tag)
		return call;
	old = call->tag;
	if ((old && !call_idle(call)) || __sync_val_compare_and_swap(&call->tag, old, tag) != old) {
		lost_add(BT_LATENCY_LOST_CALLS, 1);
		return NULL;
	}
	call->wait_from_ns = call->wait_to_ns = 0;
	call->page = 0;
	return call;
}

#endif /* BITMAP_TRACE_CALLS_H */
