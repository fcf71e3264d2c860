// SPDX-License-Identifier: GPL-2.0-only
/*
 * md's own superblocks: does one on a disk record that the bitmap, or a copy of it, is out of
 * use since a block could not be written?
 */
#include "model/core/internal.h"

void bt_super_failure(const struct bt_model *model, struct bt_bitmap *bitmap,
		      const struct bt_event *ev)
{
	/* A bitmap file that was kicked before is out of use, whether written or not. */
	if (!bt_event_enabled(ev))
		return;
	if (!bitmap->state.failure.seq)
		bt_event_ref_set(&bitmap->state.failure, model->seq, ev);
	bitmap->state.failure_last_seq = model->seq;
}

int bt_update_sb(struct bt_model *model, struct bt_bitmap *bitmap, const struct bt_event *ev)
{
	bt_event_ref_set(&bitmap->state.sb_updated, model->seq, ev);
	return 0;
}

int bt_super_start(struct bt_model *model, struct bt_bitmap *bitmap, const struct bt_event *ev)
{
	uint32_t i;

	if (bitmap->state.sb_ios_nr == BT_SB_IOS_MAX) {
		for (i = 1; i < bitmap->state.sb_ios_nr; i++)
			bitmap->state.sb_ios[i - 1] = bitmap->state.sb_ios[i];
		bitmap->state.sb_ios_nr--;
	}
	bitmap->state.sb_ios[bitmap->state.sb_ios_nr++] = (struct bt_sb_io){
		.bio = ev->super.bio,
		.start_seq = model->seq,
	};
	return 0;
}

/* The failed writes were at members that no longer count. */
static void recorded(struct bt_bitmap *bitmap)
{
	struct bt_block *block, *next;
	uint32_t i;

	bitmap->state.failure.seq = 0;
	if (bitmap->backend != BT_BACKEND_INTERNAL)
		return;
	HASH_ITER (hh, bitmap->state.blocks, block, next) {
		block->whole_seq = block->done_seq;
		for (i = 0; i < block->writes_nr; i++)
			block->writes[i].failed = 0;
	}
}

/*
 * One member is enough: md assembles by the superblock with most events. By that one a bitmap
 * file is out of date, and a member that could not be written is faulty.
 */
int bt_super_end(struct bt_model *model, struct bt_bitmap *bitmap, const struct bt_event *ev)
{
	uint32_t i = bitmap->state.sb_ios_nr;
	bool ended_well = !ev->status;

	(void)model;
	while (i && bitmap->state.sb_ios[i - 1].bio != ev->super.bio)
		i--;
	if (!i)
		return 0; /* begun before tracing */
	if (bitmap->state.failure.seq && ended_well &&
	    bitmap->state.sb_ios[i - 1].start_seq > bitmap->state.failure_last_seq)
		recorded(bitmap);
	bitmap->state.sb_ios[i - 1] = bitmap->state.sb_ios[--bitmap->state.sb_ios_nr];
	return 0;
}

void bt_super_forget(struct bt_bitmap *bitmap)
{
	bitmap->state.sb_ios_nr = 0;
	recorded(bitmap);
}
