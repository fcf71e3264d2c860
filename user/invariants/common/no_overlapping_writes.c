// SPDX-License-Identifier: GPL-2.0-only
/*
 * no-overlapping-writes (strict): of two writes of one page that are in flight at once, a disk
 * may perform the older one last. Then the newer one, which a task waits for, is lost. The
 * block layer guarantees no order between them.
 */
#include "invariants/invariant.h"

/* Returns a write of this copy of the block that is certainly in flight, or NULL. */
static const struct bt_page_write *now_in_flight(const struct bt_block *block,
						 const struct bt_event *ev)
{
	const struct bt_page_write *write;
	uint32_t n;

	if (!block)
		return NULL;
	bt_for_each_page_write(block, write)
	{
		/*
		 * It is not known which of its submissions have ended: certain only if none
		 * has.
		 */
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
		       "bitmap page %u is submitted while an earlier write of it to the same place "
		       "is in flight",
		       ev->page.page);
	bt_evidence(cx, &older->start);
}

const struct bt_invariant bt_no_overlapping_writes = {
	.name = "no-overlapping-writes",
	.severity = BT_SEVERITY_DATA,
	.statement =
		"no write of a bitmap page is submitted while another write of it is in flight",
	.consequence =
		"The disk may do the older write last: the newer bits, which somebody has waited "
		"for, are gone.",
	.functions = "md_bitmap_update_sb, write_page, __bitmap_unplug, bitmap_daemon_work",
	.example = "bitmap_update_sb writes page 0 again while the daemon's write of it is in "
		   "flight",
	.correct = "waits for the write of a page that is in flight before it submits the page "
		   "again",
	.findings = "stock md: S5",
	.needs = BT_CAPABILITY_LIST(BT_SEES_PAGE_WRITES, BT_SEES_LL_LIFE),
	.strict = true,
	.idle = "no bitmap page was written",
	.on = BT_TYPE_BIT(BT_PAGE_WRITE_START),
	.event = now_event,
};
