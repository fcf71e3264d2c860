// SPDX-License-Identifier: GPL-2.0-only
/*
 * writeback-before-stale-drop, lockless: a load that finds the bitmap out of date makes its
 * chunks NeedSync in memory. What the disk has is out of date until that is written, and
 * the event count in the bitmap's superblock is what says so: judged when llbitmap_update_sb
 * is about to write the present one.
 */
#include "invariants/llbitmap/lockless.h"

static enum bt_tri lsw_covered(const struct bt_bitmap *bitmap, uint32_t index)
{
	const struct bt_event_ref *filled = &bitmap->state.own.ll.stale_filled;
	struct bt_window need = { .from_seq = bitmap->state.own.ll.stale_load.seq,
				  .seq = filled->seq };

	return bt_block_covers(bitmap, bt_block_find(bitmap, index), need);
}

void bt_ll_stale_written(struct bt_result *result, const struct bt_view *view)
{
	const struct bt_bitmap *bitmap = view->bitmap;
	const struct bt_ll_bitmap_state *ll = &bitmap->state.own.ll;
	uint32_t first, index, last, uncovered = 0, unsure = 0, nr = 0;
	struct bt_counterexample *cx;
	enum bt_tri covers;

	if (view->ev->type != BT_UPDATE_SB_ENTER || !ll->stale_filled.seq || !bitmap->described ||
	    bitmap->geometry.geometry.chunks > BT_CHUNKS_PER_EVENT_MAX)
		return;
	first = bt_block_of_chunk(bitmap, 0);
	last = bt_block_of_chunk(bitmap, bitmap->geometry.geometry.chunks - 1);
	for (index = last; index + 1 > first; index--, nr++) {
		covers = lsw_covered(bitmap, index);
		unsure += covers == BT_MAYBE;
		uncovered += covers == BT_NO;
	}
	if (!uncovered && unsure) {
		bt_unjudged(result, "a block was being written while the load filled it");
		return;
	}
	if (!uncovered) {
		bt_held(result);
		return;
	}
	cx = bt_broken(
		result, view,
		"the superblock of a bitmap that was out of date is about to be written with "
		"events %llu; %u of %u blocks of states have no done write since the load",
		(unsigned long long)view->ev->super.events, uncovered, nr);
	bt_evidence(cx, &ll->stale_load);
	bt_evidence(cx, &ll->stale_filled);
}
