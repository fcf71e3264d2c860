// SPDX-License-Identifier: GPL-2.0-only
/*
 * flush-before-data (strict): like intent-before-data, for disks with a volatile cache, which
 * can lose a completed write. Judged only when the page write has completed; if it has not,
 * intent-before-data reports that.
 */
#include "invariants/invariant.h"

static void fbd_protected(struct bt_result *result, const struct bt_view *view,
			  const struct bt_user_chunk *chunk)
{
	const struct bt_block *block = bt_block_find(view->bitmap, chunk->block_index);
	struct bt_window need = bt_chunk_window(chunk->known);
	struct bt_counterexample *cx;

	if (bt_block_covers(view->bitmap, block, need) != BT_YES)
		return;
	if (bt_answered(result, bt_block_durable(view->bitmap, block, need), BT_WRITTEN_WHILE_SET))
		return;
	cx = bt_broken(result, view,
		       "data for chunk %llu goes to member %d; the write of bitmap page %u has "
		       "completed, but it was not FUA and no flush of the disk followed it",
		       (unsigned long long)chunk->index, view->ev->member,
		       bt_page_of_block(view->bitmap, chunk->block_index));
	bt_about(cx, chunk->index);
	bt_evidence(cx, &chunk->known->set);
	bt_evidence(cx, &block->end);
}

static void fbd_judge(struct bt_result *result, const struct bt_view *view,
		      const struct bt_user_chunk *chunk)
{
	if (chunk->protection == BT_PROTECTION_UNKNOWN)
		bt_unjudged(result, "the chunk may have been protected before tracing began");
	else if (chunk->protection == BT_PROTECTED)
		fbd_protected(result, view, chunk);
}

static void fbd_event(struct bt_result *result, const struct bt_view *view)
{
	enum bt_user_write kind;

	if (!bt_event_enabled(view->ev))
		return;
	kind = bt_for_each_user_chunk(result, view, fbd_judge);
	if (kind != BT_USER_WRITE && kind != BT_USER_WRITE_NONE)
		bt_blind(result, "a member write of unknown origin or position");
}

const struct bt_invariant bt_flush_before_data = {
	.name = "flush-before-data",
	.severity = BT_SEVERITY_DATA,
	.statement = "the bitmap page write that protects a chunk is FUA, or a flush follows it "
		     "before the data write",
	.consequence =
		"A power cut empties the disk's cache: the bit is lost, the data may not be, and "
		"md does not resync the chunk.",
	.functions = "write_file_page, md_super_write",
	.example = "a page of a bitmap file is written with neither REQ_PREFLUSH nor REQ_FUA on a "
		   "disk with a volatile cache",
	.correct = "writes the bitmap page with FUA, or flushes the disk after it, before it sends "
		   "the data to the members",
	.findings = "stock md: S4 (bitmap file)",
	.needs = BT_CAPABILITY_LIST(BT_SEES_SET_BIT, BT_SEES_MEMBER_WRITES, BT_SEES_FLUSHES,
				    BT_SEES_PAGE_WRITES, BT_SEES_LL_LIFE, BT_SEES_LL_STATES),
	.strict = true,
	.idle = "no user write to a chunk that was seen to become protected reached a member",
	.on = BT_TYPE_BIT(BT_DATA_START),
	.rests_on = BT_TYPES_DATA | BT_TYPES_COUNTERS | BT_TYPES_FLUSH,
	.event = fbd_event,
};
