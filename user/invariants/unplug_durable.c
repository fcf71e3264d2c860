// SPDX-License-Identifier: GPL-2.0-only
/*
 * unplug-durable: judged when __bitmap_unplug returns, for the pages that were
 * DIRTY when it was entered. While another call is inside, that one may have
 * taken the page over; the model then passes the debt on (model/unplug.c) and
 * the last to return is judged.
 */
#include "invariant.h"

static void judge(struct bt_result *result, const struct bt_view *view,
		  const struct bt_unplug *call, const struct bt_owed *owed)
{
	const struct bt_page *page = bt_page_find(view->bitmap, owed->page);
	struct bt_counterexample *cx;

	if (bt_page_covered(page, owed->need_seq)) {
		bt_held(result);
		return;
	}
	if (view->bitmap->unplugs_nr > 1)
		return;
	cx = bt_broken(result, view,
		       "unplug returns; bitmap page %u, dirty when it was entered, has no done "
		       "write from after its last set_bit",
		       owed->page);
	if (!cx)
		return;
	if (page && page->set.seq == owed->need_seq)
		bt_evidence(cx, &page->set);
	bt_evidence(cx, &call->enter);
	bt_evidence_page(cx, view, owed->page, owed->need_seq);
	bt_evidence_task(cx, view, owed->need_seq);
}

static void event(struct bt_result *result, const struct bt_view *view)
{
	const struct bt_unplug *call;
	uint32_t i;

	if (view->ev->type != BT_UNPLUG_EXIT || !view->bitmap)
		return;
	call = bt_unplug_find(view->bitmap, view->ev->tid);
	/* Kicked out for a write error, on entry or meanwhile: no promise any more. */
	if (!call || !bt_event_enabled(&call->enter.ev) || !bt_event_enabled(view->ev))
		return;
	for (i = 0; i < call->owed_nr; i++)
		judge(result, view, call, &call->owed[i]);
}

static const char *const needs[] = { "__bitmap_unplug", "md_bitmap_file_set_bit", NULL };

const struct bt_invariant bt_unplug_durable = {
	.name = "unplug-durable",
	.statement =
		"when unplug returns, every page whose dirtiness this call consumed has a done "
		"covering write",
	.needs = needs,
	.needs_page_writes = true,
	.idle = "no unplug found a page that a set_bit had dirtied",
	.event = event,
};
