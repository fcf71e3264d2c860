// SPDX-License-Identifier: GPL-2.0-only
/*
 * writeback-before-stale-drop: a bitmap that is out of date at load is filled with ones (every
 * chunk protected). Until the fill is on disk, the bitmap must stay marked STALE there in case
 * of a crash. The load clears the flag right after it has read the bitmap; the rule is judged
 * at the first event that is seen without the flag.
 */
#include "invariants/invariant.h"
#include "invariants/llbitmap/lockless.h"

static enum bt_tri wbsd_fill_covered(const struct bt_bitmap *bitmap, uint32_t index)
{
	const struct bt_block *block = bt_block_find(bitmap, index);
	uint64_t seq = bt_block_fill_seq(bitmap, block);

	return bt_block_covers(bitmap, block, (struct bt_window){ .from_seq = seq, .seq = seq });
}

static void wbsd_drop_broken(struct bt_result *result, const struct bt_view *view,
			     uint32_t uncovered, uint32_t first)
{
	const struct bt_bitmap *bitmap = view->bitmap;
	const struct bt_block *block = bt_block_find(bitmap, first);
	bool filled = bitmap->state.init_exit.seq > bitmap->state.init_enter.seq &&
		      bitmap->state.init_exit.seq < bitmap->state.stale_drop.seq;
	uint32_t blocks = bt_blocks_nr(bitmap);
	uint64_t seq = bt_block_fill_seq(bitmap, block);
	struct bt_counterexample *cx;

	cx = filled ? bt_broken(result, view,
				"STALE is cleared; %u of %u bitmap pages have no completed write "
				"of the 0xff fill, the first is page %u",
				uncovered, blocks, first)
		    : bt_broken(result, view,
				"STALE is cleared inside md_bitmap_init_from_disk; %u of %u bitmap "
				"pages have no completed write of the 0xff fill, the first is page "
				"%u",
				uncovered, blocks, first);
	bt_about(cx, first);
	bt_evidence(cx, &bitmap->state.init_enter);
	if (filled)
		bt_evidence(cx, &bitmap->state.init_exit);
	if (block && block->dirty.seq > bitmap->state.init_enter.seq)
		bt_evidence(cx, &block->dirty);
	bt_evidence_block(cx, view, first, (struct bt_window){ .from_seq = seq, .seq = seq });
}

static void wbsd_judge_drop(struct bt_result *result, const struct bt_view *view)
{
	const struct bt_bitmap *bitmap = view->bitmap;
	uint32_t covered = 0, unsure = 0, uncovered, first = 0;
	uint32_t blocks = bt_blocks_nr(bitmap);
	const struct bt_block *block;
	enum bt_tri covers;

	if (!bitmap->described || bitmap->geometry.geometry.file_pages > BT_FILE_PAGES_MAX) {
		bt_unjudged(result, "the size of the bitmap is not known");
		return;
	}
	/* A block without any record has not been written. */
	bt_for_each_block(bitmap, block)
	{
		covers = block->index < blocks ? wbsd_fill_covered(bitmap, block->index) : BT_NO;
		covered += covers == BT_YES;
		unsure += covers == BT_MAYBE;
	}
	uncovered = blocks - covered - unsure;
	while (uncovered && wbsd_fill_covered(bitmap, first) != BT_NO)
		first++;
	if (uncovered)
		wbsd_drop_broken(result, view, uncovered, first);
	else if (unsure)
		bt_unjudged(result, "a page was still being submitted when STALE was cleared");
	else
		bt_held(result);
}

/*
 * The superblock on disk must lose the flag, too. A write of page 0 that is submitted after
 * md_bitmap_init_from_disk is one by bitmap_update_sb, without the flag (bitmap_load writes
 * page 0 nowhere else between the two).
 */
static void wbsd_judge_load_exit(struct bt_result *result, const struct bt_view *view)
{
	const struct bt_bitmap *bitmap = view->bitmap;
	const struct bt_block *sb = bt_block_find(bitmap, 0);
	struct bt_counterexample *cx;

	if (!bitmap->geometry.geometry.has_sb)
		return;
	if (sb && sb->start_seq > bitmap->state.init_exit.seq) {
		bt_held(result);
		return;
	}
	cx = bt_broken(result, view,
		       "bitmap_load returns; the superblock without STALE was not submitted");
	bt_evidence(cx, &bitmap->state.init_exit);
	if (sb)
		bt_evidence(cx, &sb->dirty);
}

/* The chunk loses the protection that the fill gave it. */
static void wbsd_judge_clear(struct bt_result *result, const struct bt_view *view, uint64_t index)
{
	const struct bt_bitmap *bitmap = view->bitmap;
	uint32_t block_index = bt_block_of_chunk(bitmap, index);
	uint64_t seq = bt_block_fill_seq(bitmap, bt_block_find(bitmap, block_index));
	const struct bt_chunk *chunk = bt_chunk_find(bitmap, index);
	struct bt_counterexample *cx;

	if (chunk && bt_chunk_protection(bitmap, chunk, index) != BT_PROTECTED_LOADED)
		return; /* protected again since then, not by the fill */
	if (wbsd_fill_covered(bitmap, block_index) == BT_YES) {
		bt_held(result);
		return;
	}
	cx = bt_broken(result, view,
		       "chunk %llu, protected by the fill, becomes unprotected; bitmap page %u has "
		       "no completed write of the 0xff fill",
		       (unsigned long long)index, bt_page_of_block(bitmap, block_index));
	bt_about(cx, index);
	bt_evidence(cx, &bitmap->state.init_enter);
	bt_evidence(cx, &bitmap->state.init_exit);
	bt_evidence_block(cx, view, block_index, (struct bt_window){ .from_seq = seq, .seq = seq });
}

static void wbsd_event(struct bt_result *result, const struct bt_view *view)
{
	const struct bt_bitmap *bitmap = view->bitmap;

	if (bitmap->state.stale_stage == BT_STALE_DROPPED &&
	    bitmap->state.stale_drop.seq == view->seq)
		wbsd_judge_drop(result, view);
	if (view->ev->type == BT_LOAD_EXIT && bitmap->state.stale_stage == BT_STALE_DROPPED &&
	    view->ev->call.ret == 0)
		wbsd_judge_load_exit(result, view);
	if (bitmap->state.stale_loaded)
		bt_for_each_unprotected(result, view, wbsd_judge_clear);
}

const struct bt_invariant bt_writeback_before_stale_drop = {
	.name = "writeback-before-stale-drop",
	.severity = BT_SEVERITY_DATA,
	.statement = "STALE is cleared only after a write of the 0xff fill has completed for every "
		     "bitmap page, and the superblock without STALE is submitted later; a chunk "
		     "protected by the fill becomes unprotected only after the write of its page "
		     "has completed",
	.consequence =
		"After a crash md trusts a bitmap file that still has the old bits: chunks that "
		"differ are not resynced.",
	.functions = "md_bitmap_init_from_disk, bitmap_load, md_bitmap_update_sb",
	.example = "the flag STALE is dropped while the 0xff fill is only in the page cache",
	.correct = "waits until every page with the 0xff fill is on disk, and then writes a "
		   "superblock without STALE",
	.findings = "rfc: D9",
	.follows_from = BT_RULES("dirty-reaches-disk"),
	.needs = BT_CAPABILITY_LIST(BT_SEES_LOAD, BT_SEES_PAGE_WRITES, BT_SEES_LL_LIFE,
				    BT_SEES_LL_STATES, BT_SEES_LL_UPDATE_SB),
	.may_be_idle = "no out-of-date bitmap was loaded",
	.on = BT_TYPES_ALL, /* any event may be the first without STALE */
	.while_stale = true,
	.rests_on = BT_TYPES_ALL,
	.event = wbsd_event,
	.event_llbitmap = bt_ll_stale_written,
};
