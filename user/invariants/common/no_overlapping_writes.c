// SPDX-License-Identifier: GPL-2.0-only
/*
 * no-overlapping-writes (strict): of two writes of one page under way at once
 * a disk may do the older last, and the newer, which somebody waits for, is
 * gone. The block layer promises no order between them.
 */
#include "invariants/invariant.h"

/* A write of this very place that is surely under way; or NULL. */
static const struct bt_page_write *under_way(const struct bt_block *block,
					     const struct bt_event *ev)
{
	uint32_t i, n;

	for (i = 0; block && i < block->writes_nr; i++) {
		const struct bt_page_write *write = &block->writes[i];

		/* Which of its parts have ended is not known: only when none has. */
		if (write->in_flight != write->submissions_nr)
			continue;
		for (n = 0; n < write->submissions_nr; n++)
			if (write->targets[n] == bt_submission_target(ev))
				return write;
	}
	return NULL;
}

static void event(struct bt_result *result, const struct bt_view *view)
{
	const struct bt_event *ev = view->ev;
	const struct bt_page_write *older;
	struct bt_counterexample *cx;

	older = under_way(bt_block_find(view->bitmap, ev->page.page), ev);
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

static const char *const needs[] = { NULL };

const struct bt_invariant bt_no_overlapping_writes = {
	.name = "no-overlapping-writes",
	.statement = "no write of a page is submitted while another of it is in flight",
	.needs = needs,
	.needs_page_writes = true,
	.strict = true,
	.idle = "no page was written",
	.on = BT_TYPE_BIT(BT_PAGE_WRITE_START),
	.event = event,
};
