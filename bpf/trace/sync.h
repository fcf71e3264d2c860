/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Records of what resync reports to the bitmap, both for kernels where the functions take the
 * array and for kernels where they take the bitmap.
 */
#ifndef BITMAP_TRACE_SYNC_H
#define BITMAP_TRACE_SYNC_H

#include "core/bitmap_event.h"
#include "core/due.h"

static __always_inline struct bt_event *sync_event(struct bitmap *bitmap,
						   struct known_bitmap *known, __u32 type,
						   __u64 sector, __u64 sectors)
{
	struct bt_event *e = bitmap_event(bitmap, known, type);

	if (!e)
		return NULL;
	e->sync.sector = sector;
	e->sync.sectors = sectors;
	return e;
}

static __always_inline void emit_start_sync(struct bitmap *bitmap, __u64 offset, sector_t *blocks)
{
	struct known_bitmap *known = bitmap_lookup(bitmap);
	struct bt_event *e;
	__u64 chunk;

	if (!known)
		return;
	chunk = offset >> known->chunk_shift;
	if (known->synced == chunk + 1)
		return;
	known->synced = chunk + 1;
	e = sync_event(bitmap, known, BT_START_SYNC, offset, KREAD_AT(__u64, blocks));
	if (e)
		event_submit(e);
}

/* At entry: the function allows a pass to clear the bit, so the event must come before. */
static __always_inline void emit_end_sync(struct bitmap *bitmap, __u64 sector, __u64 sectors,
					  bool aborted)
{
	struct known_bitmap *known = bitmap_lookup(bitmap);
	struct bt_event *e = known ? sync_event(bitmap, known, BT_END_SYNC, sector, sectors) : NULL;

	if (!e)
		return;
	known->synced = 0;
	e->sync.aborted = aborted;
	event_submit(e);
}

static __always_inline void emit_cond_end_sync(struct bitmap *bitmap, __u64 sector, bool force)
{
	struct known_bitmap *known = sector ? bitmap_lookup(bitmap) : NULL;

	if (!known || (!force && !daemon_sleep_over((struct mddev *)known->mddev,
						    KREAD(bitmap, last_end_sync))))
		return;
	/* Rounded down to whole chunks. */
	sector &= ~((1ULL << known->chunk_shift) - 1);
	emit_end_sync(bitmap, 0, sector, false);
}

#endif /* BITMAP_TRACE_SYNC_H */
