/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How a record gets into the ring buffer, and how a lost record is counted. Each .bpf.c
 * includes this file; maps and variables are weak and are merged when the objects are linked
 * (bpftool gen object).
 */
#ifndef BITMAP_TRACE_EMIT_H
#define BITMAP_TRACE_EMIT_H

#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

#include "core/arrays.h"
#include "shared/event.h"

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 32 << 20);
} events SEC(".maps") __weak;

/* Counts that user space reads; indexed by event type and by enum bt_loss. */
__u64 lost_by_type[BT_EVENT_TYPE_MAX] __weak = {};
__u64 lost_by_channel[BT_LOSS_MAX] __weak = {};
__u64 lost_reported[BT_LOSS_MAX] __weak = {};
__u32 lost_first_type[BT_LOSS_MAX] __weak = {};
__u64 lost_types[BT_LOSS_MAX][2] __weak = {}; /* since the last mark, a bit each */

/* Over all channels: the losses counted, and the losses that the marks cover. */
__u64 losses_counted __weak = 0;
__u64 losses_marked __weak = 0;

/*
 * Global functions are verified once, not once for each call. The type is stored before the
 * count, so that a mark of this loss finds its type, or an earlier mark has it.
 */
__weak __noinline int count_loss(__u32 channel, __u32 type)
{
	if (channel >= BT_LOSS_MAX)
		return 0;
	if (type < BT_EVENT_TYPE_MAX) {
		__sync_fetch_and_add(&lost_by_type[type], 1);
		__sync_fetch_and_or(&lost_types[channel][type >> 6 & 1], 1ULL << (type & 63));
	}
	lost_first_type[channel] = type;
	__sync_fetch_and_add(&lost_by_channel[channel], 1);
	__sync_fetch_and_add(&losses_counted, 1);
	return 0;
}

/*
 * A record that could not be written leaves a mark at its place: before the next record that
 * fits. Returns false if there is no room for the mark either; then no record may be written
 * before the mark. The count is read before the reservation, so a loss in between is reported
 * by a later mark. If several CPUs or an interrupt report the same loss at once, one of them
 * does; its mark is reserved before the others continue.
 * go on.
 */
static __always_inline bool mark_loss(__u32 channel)
{
	__u64 total = lost_by_channel[channel];
	__u64 reported = lost_reported[channel];
	struct bt_event *e;

	if (total == reported)
		return true;
	e = bpf_ringbuf_reserve(&events, sizeof(*e), 0);
	if (!e)
		return false;
	if (__sync_val_compare_and_swap(&lost_reported[channel], reported, total) != reported) {
		bpf_ringbuf_discard(e, 0);
		return true;
	}
	__builtin_memset(e, 0, sizeof(*e));
	e->ts_ns = bpf_ktime_get_ns();
	e->type = BT_LOST;
	e->stack = -1;
	e->member = -1;
	e->cpu = bpf_get_smp_processor_id();
	e->lost.count = total - reported < ~0U ? total - reported : ~0U;
	e->lost.channel = channel;
	e->lost.first_type = lost_first_type[channel];
	e->lost.types[0] = __sync_lock_test_and_set(&lost_types[channel][0], 0);
	e->lost.types[1] = __sync_lock_test_and_set(&lost_types[channel][1], 0);
	bpf_ringbuf_submit(e, 0);
	return true;
}

/*
 * For all channels. losses_marked is updated when the marks are reserved: if it equals
 * losses_counted, a record may be written after them.
 */
__weak __noinline int mark_losses(void)
{
	__u64 marked = losses_marked, counted = *(volatile __u64 *)&losses_counted;

	if (!mark_loss(BT_LOSS_RING_FULL) || !mark_loss(BT_LOSS_MAP_FULL))
		return 0;
	__sync_val_compare_and_swap(&losses_marked, marked, counted);
	return 1;
}

static __always_inline struct bt_event *event_reserve_of(__u32 bitmap, __u32 type, __u32 tid)
{
	struct bt_event *e = NULL;

	if (!recording)
		return NULL;
	if (losses_counted == losses_marked || mark_losses())
		e = bpf_ringbuf_reserve(&events, sizeof(*e), 0);
	if (!e) {
		count_loss(BT_LOSS_RING_FULL, type);
		return NULL;
	}
	__builtin_memset(e, 0, sizeof(*e));
	e->ts_ns = bpf_ktime_get_ns();
	e->bitmap = bitmap;
	e->impl = bitmap ? BT_IMPL_CLASSIC : BT_IMPL_NONE;
	e->tid = tid;
	e->stack = -1;
	e->type = type;
	e->cpu = bpf_get_smp_processor_id();
	e->member = -1;
	return e;
}

/* bitmap: its id, or 0. */
static __always_inline struct bt_event *event_reserve(__u32 bitmap, __u32 type)
{
	return event_reserve_of(bitmap, type, (__u32)bpf_get_current_pid_tgid());
}

static __always_inline void event_submit(struct bt_event *e)
{
	bpf_ringbuf_submit(e, 0);
}

#endif /* BITMAP_TRACE_EMIT_H */
