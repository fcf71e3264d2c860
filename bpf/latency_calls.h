/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The histograms, and what each thread is at: the calls whose durations are
 * measured have their beginnings here.
 */
#ifndef BITMAP_TRACE_LATENCY_CALLS_H
#define BITMAP_TRACE_LATENCY_CALLS_H

#include "latency_known.h"

struct histograms {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, BT_KERNEL_ARRAYS_MAX *BT_STAGES);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, sizeof(struct bt_kernel_histogram));
};

/*
 * One map, which user space exchanges for an empty one: that system call
 * returns when no program uses the old one any more, so its counts are final
 * and of one interval.
 */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, 1);
	__type(key, __u32);
	__array(values, struct histograms);
} interval SEC(".maps");

/* Other CPUs may raise it, too; each turn lost to them leaves a larger value. */
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

static __noinline int add_ns(__u32 array, __u32 stage, __u64 ns)
{
	__u32 zero = 0, index = array * BT_STAGES + stage, bucket;
	struct bt_kernel_histogram *histogram;
	void *current_map = bpf_map_lookup_elem(&interval, &zero);

	if (!current_map)
		return 0;
	histogram = bpf_map_lookup_elem(current_map, &index);
	if (!histogram)
		return 0;
	bucket = bt_bucket_of(ns);
	barrier_var(bucket);
	if (bucket >= BT_BUCKETS)
		return 0;
	__sync_fetch_and_add(&histogram->count, 1);
	__sync_fetch_and_add(&histogram->total_ns, ns);
	__sync_fetch_and_add(&histogram->buckets[bucket], 1);
	if (histogram->max_ns < ns)
		raise(&histogram->max_ns, ns);
	if (histogram->min_inverted < ~ns)
		raise(&histogram->min_inverted, ~ns);
	return 0;
}

/* Clocks of two CPUs may disagree by a little. */
static __always_inline void add(const struct known *of, __u32 stage, __u64 from_ns, __u64 to_ns)
{
	add_ns(of->array, stage, to_ns > from_ns ? to_ns - from_ns : 0);
}

/* ---- threads -------------------------------------------------------------------- */

#define CALLS_BITS 14

/*
 * A thread at work for an array. Each has one place it can be at, taken from
 * another that is at nothing; of two at work that share one, the second is
 * not measured, and that is counted.
 */
struct call {
	__u64 tag;		  /* thread and array; 0: free */
	__u64 unplug_ns, work_ns; /* when it entered; 0: it is not inside */
	__u64 update_sb_ns, daemon_ns;
	__u64 wait_from_ns, wait_to_ns; /* its last unplug, by itself or by a kworker */
	__u64 wrote;			/* the unplug it is in has submitted a page */
	__u64 page;			/* that it submitted last, until the call is over */
	__u64 first_part;		/* what that write began with */
	__u64 round;			/* of that write; 0: no bit waited for it */
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1 << CALLS_BITS);
	__type(key, __u32);
	__type(value, struct call);
} calls SEC(".maps");

static __always_inline bool call_idle(const struct call *call)
{
	return !call->unplug_ns && !call->work_ns && !call->update_sb_ns && !call->daemon_ns &&
	       !call->round;
}

static __always_inline __u64 call_tag(const struct known *of)
{
	return (__u32)bpf_get_current_pid_tgid() | ((__u64)of->array + 1) << 32;
}

static __always_inline struct call *call_place(__u64 tag)
{
	__u32 index = ((__u32)tag + (__u32)(tag >> 32) * 4099) & ((1 << CALLS_BITS) - 1);

	return bpf_map_lookup_elem(&calls, &index);
}

/* What this thread has begun for that array, or NULL. */
static __always_inline struct call *call_get(const struct known *of)
{
	__u64 tag = call_tag(of);
	struct call *call = call_place(tag);

	return call && call->tag == tag ? call : NULL;
}

/* The same, to begin something. */
static __always_inline struct call *call_begin(const struct known *of)
{
	__u64 tag = call_tag(of), old;
	struct call *call = call_place(tag);

	if (!call || call->tag == tag)
		return call;
	old = call->tag;
	if ((old && !call_idle(call)) || __sync_val_compare_and_swap(&call->tag, old, tag) != old) {
		count_loss(BT_LATENCY_LOST_CALLS);
		return NULL;
	}
	call->wait_from_ns = call->wait_to_ns = 0;
	call->page = 0;
	return call;
}

#endif /* BITMAP_TRACE_LATENCY_CALLS_H */
