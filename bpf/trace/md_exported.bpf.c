// SPDX-License-Identifier: GPL-2.0-only
/*
 * Probes on md's bitmap code before 6.12, where it differs by more than names: functions that
 * md exported to the personalities took the bitmap; since they are in struct bitmap_operations
 * they take the array. md.bpf.c has the comment on where and why each event is emitted.
 */
#include "core/program.h"
#include "trace/range.h"
#include "trace/sync.h"

/*
 * At that time raid5 counts per stripe, raid1 and raid10 per request; in both cases before the
 * data is submitted to any member.
 */
SEC("fexit/md_bitmap_startwrite")
int BPF_PROG(md_startwrite_exit, struct bitmap *bitmap, sector_t offset, unsigned long sectors)
{
	emit_startwrite(ctx, bitmap, offset, sectors);
	return 0;
}

SEC("fentry/md_bitmap_endwrite")
int BPF_PROG(md_endwrite, struct bitmap *bitmap, sector_t offset, unsigned long sectors)
{
	emit_endwrite(ctx, bitmap, BT_ENDWRITE, bitmap->mddev->degraded > 0, offset, sectors);
	return 0;
}

SEC("fexit/md_bitmap_endwrite")
int BPF_PROG(md_endwrite_exit, struct bitmap *bitmap, sector_t offset, unsigned long sectors)
{
	if (bitmap->mddev->degraded > 0)
		emit_endwrite(ctx, bitmap, BT_ENDWRITE_EXIT, true, offset, sectors);
	return 0;
}

SEC("fexit/md_bitmap_start_sync")
int BPF_PROG(md_start_sync_exit, struct bitmap *bitmap, sector_t offset, sector_t *blocks,
	     int degraded, int ret)
{
	if (ret && !degraded)
		emit_start_sync(bitmap, offset, blocks);
	return 0;
}

/* Not aborted: a call on behalf of the two below, which emit one event for all. */
SEC("fentry/md_bitmap_end_sync")
int BPF_PROG(md_end_sync, struct bitmap *bitmap, sector_t offset, sector_t *blocks, int aborted)
{
	if (aborted)
		emit_end_sync(bitmap, offset, 1, true);
	return 0;
}

SEC("fentry/md_bitmap_cond_end_sync")
int BPF_PROG(md_cond_end_sync, struct bitmap *bitmap, sector_t sector, bool force)
{
	emit_cond_end_sync(bitmap, sector, force);
	return 0;
}

SEC("fentry/md_bitmap_close_sync")
int BPF_PROG(md_close_sync, struct bitmap *bitmap)
{
	emit_end_sync(bitmap, 0, bitmap->mddev->resync_max_sectors, false);
	return 0;
}

/* 6.6 to 6.11: always through a work item; if a direct call is possible, the caller makes it. */
SEC("fentry/md_bitmap_unplug_async")
int BPF_PROG(md_unplug_work, struct bitmap *bitmap)
{
	emit_simple(ctx, bitmap, BT_UNPLUG_WORK_ENTER, false);
	return 0;
}

SEC("fexit/md_bitmap_unplug_async")
int BPF_PROG(md_unplug_work_exit, struct bitmap *bitmap)
{
	emit_simple(ctx, bitmap, BT_UNPLUG_WORK_EXIT, false);
	return 0;
}
