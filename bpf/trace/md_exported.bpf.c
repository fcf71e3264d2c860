// SPDX-License-Identifier: GPL-2.0-only
/*
 * Probes on md's bitmap code of before 6.12, where it differs by more than the
 * names: functions that md exported to the personalities took the bitmap, and
 * take the array since they are behind struct bitmap_operations. Where each
 * event is emitted, and why there, stands in md.bpf.c.
 */
#include "core/program.h"
#include "trace/range.h"
#include "trace/sync.h"

/*
 * raid5 of that time counts a stripe at a time, raid1 and raid10 a request;
 * either way before its data goes to any member.
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

/* Not aborted: a call on behalf of the two below, which report all at once. */
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

/* 6.6 to 6.11: always by a work item; where it may be called directly, the caller does. */
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
