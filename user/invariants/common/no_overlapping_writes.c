// SPDX-License-Identifier: GPL-2.0-only
/*
 * no-overlapping-writes (strict): of two writes of one page under way at once
 * a disk may do the older last, and the newer, which somebody waits for, is
 * gone. The block layer promises no order between them.
 */
#include "invariants/invariant.h"

/* A write of this very copy of the block that is surely in flight; or NULL. */
static const struct bt_page_write *now_in_flight(const struct bt_block *block,
						 const struct bt_event *ev)
{
	const struct bt_page_write *write;
	uint32_t n;

	if (!block)
		return NULL;
	bt_for_each_page_write(block, write)
	{
		/* Which of its submissions have ended is not known: only when none has. */
		if (write->in_flight != write->submissions_nr)
			continue;
		for (n = 0; n < write->submissions_nr; n++)
			if (write->targets[n] == bt_submission_target(ev))
				return write;
	}
	return NULL;
}

static void now_event(struct bt_result *result, const struct bt_view *view)
{
	const struct bt_event *ev = view->ev;
	const struct bt_page_write *older = NULL;
	struct bt_counterexample *cx;
	uint32_t first, n, nr;

	nr = bt_event_blocks(view->bitmap, ev, &first);
	for (n = 0; n < nr && !older; n++)
		older = now_in_flight(bt_block_find(view->bitmap, first + n), ev);
	if (!older) {
		bt_held(result);
		return;
	}
	cx = bt_broken(result, view,
		       "page %u is written again to where an earlier write of it is under way",
		       ev->page.page);
	if (cx)
		bt_evidence(cx, &older->start);
}

const struct bt_invariant bt_no_overlapping_writes = {
	.name = "no-overlapping-writes",
	.severity = BT_SEVERITY_DATA,
	.statement = "no write of a page is submitted while another of it is in flight",
	.needs = BT_CAPABILITY_LIST(BT_SEES_PAGE_WRITES, BT_SEES_LL_LIFE),
	.strict = true,
	.idle = "no page was written",
	.on = BT_TYPE_BIT(BT_PAGE_WRITE_START),
	.event = now_event,
};
