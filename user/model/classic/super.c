// SPDX-License-Identifier: GPL-2.0-only
/*
 * md's own superblocks: whether one on a disk knows that the bitmap, or a copy
 * of it, is out of use since a page of it could not be written.
 */
#include "model/core/internal.h"

void bt_super_failure(const struct bt_model *model, struct bt_bitmap *bitmap,
		      const struct bt_event *ev)
{
	/* A bitmap file that was kicked before is out of use, written or not. */
	if (!bt_event_enabled(ev))
		return;
	if (!bitmap->failure.seq)
		bt_event_ref_set(&bitmap->failure, model->seq, ev);
	bitmap->failure_last_seq = model->seq;
}

void bt_super_start(const struct bt_model *model, struct bt_bitmap *bitmap,
		    const struct bt_event *ev)
{
	uint32_t i;

	if (bitmap->sb_ios_nr == BT_SB_IOS_MAX) {
		for (i = 1; i < bitmap->sb_ios_nr; i++)
			bitmap->sb_ios[i - 1] = bitmap->sb_ios[i];
		bitmap->sb_ios_nr--;
	}
	bitmap->sb_ios[bitmap->sb_ios_nr++] = (struct bt_sb_io){
		.bio = ev->super.bio,
		.start_seq = model->seq,
	};
}

/* What has failed was at members that do not count any more. */
static void recorded(struct bt_bitmap *bitmap)
{
	struct bt_block *block, *next;
	uint32_t i;

	bitmap->failure.seq = 0;
	if (bitmap->backend != BT_BACKEND_INTERNAL)
		return;
	HASH_ITER (hh, bitmap->blocks, block, next) {
		block->whole_seq = block->done_seq;
		for (i = 0; i < block->writes_nr; i++)
			block->writes[i].failed = 0;
	}
}

/*
 * One member suffices: md assembles by the superblock with most events. To it a
 * bitmap file is out of date then, and a member that could not be written faulty.
 */
void bt_super_end(struct bt_bitmap *bitmap, const struct bt_event *ev)
{
	uint32_t i = bitmap->sb_ios_nr;
	bool ended_well = !ev->status;

	while (i && bitmap->sb_ios[i - 1].bio != ev->super.bio)
		i--;
	if (!i)
		return; /* begun before we looked */
	if (bitmap->failure.seq && ended_well &&
	    bitmap->sb_ios[i - 1].start_seq > bitmap->failure_last_seq)
		recorded(bitmap);
	bitmap->sb_ios[i - 1] = bitmap->sb_ios[--bitmap->sb_ios_nr];
}

void bt_super_forget(struct bt_bitmap *bitmap)
{
	bitmap->sb_ios_nr = 0;
	recorded(bitmap);
}
