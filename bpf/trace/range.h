/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Records of startwrite and endwrite, both for kernels where these take the array and for
 * kernels where they take the bitmap.
 */
#ifndef BITMAP_TRACE_RANGE_H
#define BITMAP_TRACE_RANGE_H

#include "core/direct_map.h"
#include "trace/counters.h"
#include "trace/register.h"

static __always_inline struct bt_event *range_event(struct bitmap *bitmap,
						    struct known_bitmap *known, __u32 type,
						    __u64 sector, __u64 sectors)
{
	struct bt_event *e = bitmap_event(bitmap, known, type);

	if (!e)
		return NULL;
	e->range.sector = sector;
	e->range.sectors = sectors;
	return e;
}

/* Is the counter wrong after a startwrite? Only the ends of the range are examined. */
static __always_inline bool startwrite_is_anomalous(const struct known_bitmap *known, __u64 offset,
						    __u64 sectors, __u32 counter)
{
	__u64 last = offset + sectors - 1;

	if (counter < COUNTER_OF_ONE_WRITER ||
	    sample_bit(known, storage_bit(known, offset)) == BT_ON_PAGE_CLEAR)
		return true;
	return offset >> known->chunk_shift != last >> known->chunk_shift &&
	       sample_bit(known, storage_bit(known, last)) == BT_ON_PAGE_CLEAR;
}

static __always_inline void emit_startwrite(void *ctx, struct bitmap *bitmap, __u64 offset,
					    __u64 sectors)
{
	struct known_bitmap *known = bitmap_lookup_or_register(bitmap);
	__u32 counter = 0;
	struct bt_event *e;
	bool sampled;

	if (!known)
		return;
	sampled = sample_counters(known, offset, sectors, &counter);
	if (sampled && startwrite_is_anomalous(known, offset, sectors, counter))
		known->anomaly = 1;
	e = range_event(bitmap, known, BT_STARTWRITE, offset, sectors);
	if (!e)
		return;
	e->range.counter = counter;
	e->range.sampled = sampled;
	if (known->anomaly)
		take_stack(ctx, e);
	event_submit(e);
}

/*
 * A write in flight keeps its counters at COUNTER_OF_ONE_WRITER at least, until md's endwrite
 * has lowered them. balanced-counters: this write is no longer in flight.
 */
static __always_inline void emit_endwrite(void *ctx, struct bitmap *bitmap, __u32 type,
					  bool degraded, __u64 offset, __u64 sectors)
{
	struct known_bitmap *known = bitmap_lookup(bitmap);
	__u32 counter = 0;
	struct bt_event *e;
	bool sampled;

	if (!known)
		return;
	if (degraded)
		known->synced = 0; /* from now on NEEDED may be set again */
	sampled = sample_counters(known, offset, sectors, &counter);
	e = range_event(bitmap, known, type, offset, sectors);
	if (!e)
		return;
	if (degraded)
		e->bm_flags |= BT_BM_DEGRADED;
	e->range.counter = counter;
	e->range.sampled = sampled;
	if (type == BT_ENDWRITE && sampled && counter < COUNTER_OF_ONE_WRITER)
		take_stack(ctx, e);
	event_submit(e);
}

#endif /* BITMAP_TRACE_RANGE_H */
