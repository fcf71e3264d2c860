// SPDX-License-Identifier: GPL-2.0-only
/*
 * What resync and recovery report to the bitmap (drivers/md/md-bitmap.c), and how the
 * personalities handle failed members.
 */
#include "core/members.h"
#include "core/program.h"
#include "trace/sync.h"

/*
 * Exit: NEEDED has become RESYNC, which keeps the bit set until an end_sync. raid5 calls this
 * for every stripe; once per chunk is enough, as long as no endwrite has set NEEDED again and
 * no end was emitted (known->synced).
 */
SEC("fexit/bitmap_start_sync")
int BPF_PROG(start_sync_exit, struct mddev *mddev, sector_t offset, sector_t *blocks, bool degraded,
	     bool ret)
{
	/* An array that stays degraded marks nothing, it only checks. */
	if (ret && !degraded)
		emit_start_sync(mddev->bitmap, offset, blocks);
	return 0;
}

/*
 * Entry, as for all ends: the only caller that ends a range because it failed; one chunk at a
 * time.
 */
SEC("fentry/bitmap_end_sync")
int BPF_PROG(end_sync, struct mddev *mddev, sector_t offset)
{
	emit_end_sync(mddev->bitmap, offset, 1, true);
	return 0;
}

/* Ends all of the array that resync has reached, when it is due (core/due.h). */
SEC("fentry/bitmap_cond_end_sync")
int BPF_PROG(cond_end_sync, struct mddev *mddev, sector_t sector, bool force)
{
	emit_cond_end_sync(mddev->bitmap, sector, force);
	return 0;
}

SEC("fentry/bitmap_close_sync")
int BPF_PROG(close_sync, struct mddev *mddev)
{
	emit_end_sync(mddev->bitmap, 0, mddev->resync_max_sectors, false);
	return 0;
}

/* ---- members ------------------------------------------------------------------ */

/*
 * Exit of the personality's error handler: the member is Faulty now, or was kept because it is
 * the last. md_error itself has a split-off copy that super_written calls; this function has
 * none, since it is called through a pointer.
 */
static __always_inline void emit_member_error(void *ctx, struct mddev *mddev, struct md_rdev *rdev)
{
	struct bitmap *bitmap = mddev->bitmap;
	struct known_bitmap *known = bitmap_lookup(bitmap);
	bool degraded = mddev->degraded > 0;
	struct bt_event *e;

	if (!known)
		return;
	emit_members_changed(bitmap, known);
	e = bitmap_event(bitmap, known, BT_MEMBER_ERROR);
	if (!e)
		return;
	e->member = KREAD(rdev, raid_disk);
	e->member_error.dev = KREAD(KREAD(rdev, bdev), bd_dev);
	e->member_error.faulty = member_faulty(rdev);
	if (degraded)
		e->bm_flags |= BT_BM_DEGRADED;
	take_stack(ctx, e);
	event_submit(e);
}

SEC("fexit/raid1_error")
int BPF_PROG(raid1_error_exit, struct mddev *mddev, struct md_rdev *rdev)
{
	emit_member_error(ctx, mddev, rdev);
	return 0;
}

SEC("fexit/raid10_error")
int BPF_PROG(raid10_error_exit, struct mddev *mddev, struct md_rdev *rdev)
{
	emit_member_error(ctx, mddev, rdev);
	return 0;
}

SEC("fexit/raid5_error")
int BPF_PROG(raid5_error_exit, struct mddev *mddev, struct md_rdev *rdev)
{
	emit_member_error(ctx, mddev, rdev);
	return 0;
}
