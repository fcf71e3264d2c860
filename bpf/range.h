/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Records of startwrite and endwrite, for kernels where these take the array
 * and for those where they take the bitmap.
 */
#ifndef BITMAP_TRACE_RANGE_H
#define BITMAP_TRACE_RANGE_H

#include "counters.h"
#include "probe.h"

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

static __always_inline void emit_startwrite(struct bitmap *bitmap, __u64 offset, __u64 sectors)
{
	struct known_bitmap *known = bitmap_meet(bitmap);
	__u32 counter = 0;
	struct bt_event *e;
	bool sampled;

	if (!known)
		return;
	sampled = sample_counters(known, offset, sectors, &counter);
	if (sampled && counter < 3)
		known->suspect = 1; /* not as it should be after a startwrite */
	e = range_event(bitmap, known, BT_STARTWRITE, offset, sectors);
	if (!e)
		return;
	e->range.counter = counter;
	e->range.sampled = sampled;
	event_submit(e);
}

static __always_inline void emit_endwrite(struct bitmap *bitmap, __u32 type, bool degraded,
					  __u64 offset, __u64 sectors)
{
	struct known_bitmap *known = bitmap_get(bitmap);
	struct bt_event *e;

	if (!known)
		return;
	if (degraded)
		known->synced = 0; /* from now on NEEDED may be set again */
	e = range_event(bitmap, known, type, offset, sectors);
	if (!e)
		return;
	if (degraded)
		e->bm_flags |= BT_BM_DEGRADED;
	event_submit(e);
}

#endif /* BITMAP_TRACE_RANGE_H */
