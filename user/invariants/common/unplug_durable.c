// SPDX-License-Identifier: GPL-2.0-only
/*
 * unplug-durable: judged when __bitmap_unplug returns, for the pages that were
 * DIRTY when it was entered. A page it has begun to write itself it must have
 * on disk. One that nobody has begun to write may have been taken over by
 * another call that is inside; the model then passes the debt on
 * (model/unplug.c) and the last to return is judged.
 */
#include "invariants/invariant.h"

static void judge(struct bt_result *result, const struct bt_view *view,
		  const struct bt_unplug *call, const struct bt_owed *owed)
{
	const struct bt_page *page = bt_page_find(view->bitmap, owed->page);
	struct bt_counterexample *cx;

	if (bt_answered(result, bt_page_covers(view->bitmap, page, owed->need),
			BT_WRITTEN_WHILE_SET))
		return;
	if (view->bitmap->unplugs_nr > 1 && !bt_page_begun_by(page, call->tid, call->enter.seq))
		return;
	cx = bt_broken(result, view,
		       bt_page_lacks_part(view->bitmap, page, owed->need)
			       ? "unplug returns; of bitmap page %u, dirty when it was entered, a "
				 "part was left out of each write from after its last set_bit"
			       : "unplug returns; bitmap page %u, dirty when it was entered, has "
				 "no done write from after its last set_bit",
		       owed->page);
	if (!cx)
		return;
	bt_about(cx, owed->page);
	if (page && page->set.seq == owed->need.seq)
		bt_evidence(cx, &page->set);
	bt_evidence(cx, &call->enter);
	bt_evidence_page(cx, view, owed->page, owed->need);
	bt_evidence_task(cx, view, owed->need.seq);
}

static void event(struct bt_result *result, const struct bt_view *view)
{
	const struct bt_unplug *call;
	uint32_t i;

	call = bt_unplug_find(view->bitmap, view->ev->tid);
	/* Kicked out for a write error, on entry or meanwhile: no promise any more. */
	if (!call || !bt_event_enabled(&call->enter.ev) || !bt_event_enabled(view->ev))
		return;
	for (i = 0; i < call->owed_nr; i++)
		judge(result, view, call, &call->owed[i]);
}

const struct bt_invariant bt_unplug_durable = {
	.name = "unplug-durable",
	.statement =
		"when unplug returns, every page whose dirtiness this call consumed has a done "
		"covering write",
	.needs = BT_CAPABILITY_LIST(BT_SEES_UNPLUG, BT_SEES_SET_BIT, BT_SEES_PAGE_WRITES),
	.idle = "no unplug found a page that a set_bit had dirtied",
	.on = BT_TYPE_BIT(BT_UNPLUG_EXIT),
	.event = event,
};
