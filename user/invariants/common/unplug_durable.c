// SPDX-License-Identifier: GPL-2.0-only
/*
 * unplug-durable: judged when unplug returns, for the blocks that were dirty at its entry. A
 * block that this call has begun to write must be on disk. If no call has begun to write a
 * block, another call that has not returned may write it. The model then moves the block to
 * that call (model/core/unplug.c), and the last call to return is judged.
 */
#include "invariants/invariant.h"

static void ud_judge(struct bt_result *result, const struct bt_view *view,
		     const struct bt_unplug *call, const struct bt_must_write *must_write)
{
	const struct bt_block *block = bt_block_find(view->bitmap, must_write->block);
	uint32_t page = bt_page_of_block(view->bitmap, must_write->block);
	struct bt_counterexample *cx;

	if (bt_answered(result, bt_block_covers(view->bitmap, block, must_write->need),
			BT_WRITTEN_WHILE_SET))
		return;
	if (view->bitmap->state.unplugs_nr > 1 &&
	    !bt_block_begun_by(block, call->tid, call->enter.seq))
		return;
	cx = bt_broken(
		result, view,
		bt_block_lacks_copy(view->bitmap, block, must_write->need)
			? "unplug returns; bitmap page %u was dirty at its entry, and each write "
			  "with its newest bit left out a copy or a block"
			: "unplug returns before bitmap page %u is on disk: no write with its "
			  "newest bit has ended",
		page);
	bt_about(cx, page);
	if (block && block->set.seq == must_write->need.seq)
		bt_evidence(cx, &block->set);
	bt_evidence(cx, &call->enter);
	bt_evidence_block(cx, view, must_write->block, must_write->need);
	bt_evidence_task(cx, view, must_write->need.seq);
}

static void ud_event(struct bt_result *result, const struct bt_view *view)
{
	const struct bt_unplug *call;
	uint32_t i;

	call = bt_unplug_find(view->bitmap, view->ev->tid);
	/*
	 * The bitmap was kicked for a write error, before entry or since: the rule does not
	 * apply.
	 */
	if (!call || !bt_event_enabled(&call->enter.ev) || !bt_event_enabled(view->ev))
		return;
	for (i = 0; i < call->must_write_nr; i++)
		ud_judge(result, view, call, &call->must_write[i]);
}

const struct bt_invariant bt_unplug_durable = {
	.name = "unplug-durable",
	.severity = BT_SEVERITY_DATA,
	.statement = "when unplug returns, every bitmap page that was dirty at its entry has a "
		     "completed write that was submitted since a chunk in it was last protected",
	.consequence =
		"The caller sends its data because it believes that its bits are on disk: after "
		"a crash members may differ without a bit.",
	.functions =
		"__bitmap_unplug, write_page / filemap_fdatawrite, wait_event on pending_writes",
	.example = "unplug starts the write of the page (filemap_fdatawrite) and returns without "
		   "waiting for it",
	.correct = "waits in __bitmap_unplug until the write of every page that it found dirty has "
		   "ended, then returns",
	.findings = "rfc: D1",
	.follows_from = BT_RULES("dirty-reaches-disk", "page-identity"),
	.needs = BT_CAPABILITY_LIST(BT_SEES_UNPLUG, BT_SEES_SET_BIT, BT_SEES_PAGE_WRITES,
				    BT_SEES_LL_LIFE, BT_SEES_LL_STATES, BT_SEES_LL_UNPLUG),
	.idle = "no unplug found a bitmap page that was dirty because a chunk had been protected",
	.on = BT_TYPE_BIT(BT_UNPLUG_EXIT),
	.event = ud_event,
};
