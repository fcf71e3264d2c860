// SPDX-License-Identifier: GPL-2.0-only
/*
 * unplug-durable: judged when unplug returns, for the blocks that were dirty when
 * it was entered. A block that this call has begun to write itself must be on
 * disk. One that no call has begun to write may have been taken over by another
 * call that is inside; the model then passes it on (model/core/unplug.c), and
 * the last call to return is judged.
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
	cx = bt_broken(result, view,
		       bt_block_lacks_copy(view->bitmap, block, must_write->need)
			       ? "unplug returns; of bitmap page %u, dirty when it was entered, a "
				 "part was left out of each write from after its last set_bit"
			       : "unplug returns; bitmap page %u, dirty when it was entered, has "
				 "no done write from after its last set_bit",
		       page);
	if (!cx)
		return;
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
	/* Kicked out for a write error, on entry or meanwhile: no promise any more. */
	if (!call || !bt_event_enabled(&call->enter.ev) || !bt_event_enabled(view->ev))
		return;
	for (i = 0; i < call->must_write_nr; i++)
		ud_judge(result, view, call, &call->must_write[i]);
}

const struct bt_invariant bt_unplug_durable = {
	.name = "unplug-durable",
	.severity = BT_SEVERITY_DATA,
	.statement =
		"when unplug returns, every page whose dirtiness this call consumed has a done "
		"covering write",
	.needs = BT_CAPABILITY_LIST(BT_SEES_UNPLUG, BT_SEES_SET_BIT, BT_SEES_PAGE_WRITES,
				    BT_SEES_LL_LIFE, BT_SEES_LL_STATES, BT_SEES_LL_UNPLUG),
	.idle = "no unplug found a page that a set_bit had dirtied",
	.on = BT_TYPE_BIT(BT_UNPLUG_EXIT),
	.event = ud_event,
};
