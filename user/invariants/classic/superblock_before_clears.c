// SPDX-License-Identifier: GPL-2.0-only
/*
 * superblock-before-clears: events_cleared in the superblock says how old a
 * member may be and still be brought up to date by the bits alone. A pass that
 * finds need_sync writes it; cleared bits that reach the disk before it would
 * promise too much to a member that left earlier.
 */
#include "invariants/invariant.h"

static void sbc_event(struct bt_result *result, const struct bt_view *view)
{
	const struct bt_event_ref *due;
	const struct bt_event *ev = view->ev;
	const struct bt_block *block;
	struct bt_counterexample *cx;

	if (!view->bitmap->state.own.classic.sb_due.seq)
		return;
	due = &view->bitmap->state.own.classic.sb_due;
	if (ev->page.page == 0) {
		bt_held(result);
		return;
	}
	block = bt_block_find(view->bitmap, ev->page.page);
	if (!block || block->clear.seq < due->seq)
		return; /* carries nothing that waits for the superblock */
	cx = bt_broken(
		result, view,
		"page %u goes to disk with bits cleared in a pass that found need_sync; page "
		"0 has not gone before it",
		ev->page.page);
	if (!cx)
		return;
	bt_evidence(cx, due);
	bt_evidence(cx, &block->clear);
}

const struct bt_invariant bt_superblock_before_clears = {
	.name = "superblock-before-clears",
	.severity = BT_SEVERITY_DATA,
	.impls = BT_ABOUT_CLASSIC,
	.statement = "when a pass consumes need_sync, page 0 is submitted before any page j > 0 "
		     "that carries clears",
	.needs = BT_CAPABILITY_LIST(BT_SEES_DAEMON, BT_SEES_CLEAR_BIT, BT_SEES_PAGE_WRITES),
	.may_be_idle = "no pass of the daemon found need_sync",
	.on = BT_TYPE_BIT(BT_PAGE_WRITE_START),
	.event = sbc_event,
};
