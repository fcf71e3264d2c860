// SPDX-License-Identifier: GPL-2.0-only
/*
 * superblock-before-clears: events_cleared in the superblock limits how old a member may be for
 * a re-add that resyncs only the set bits. A pass that finds need_sync writes it. If cleared
 * bits reached the disk before it, a member that left earlier would be re-added without the
 * resync of those chunks.
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
		return; /* carries no clear that must wait for the superblock */
	cx = bt_broken(
		result, view,
		"page %u is submitted with bits cleared in a pass that found need_sync; page "
		"0 was not submitted before it",
		ev->page.page);
	bt_evidence(cx, due);
	bt_evidence(cx, &block->clear);
}

const struct bt_invariant bt_superblock_before_clears = {
	.name = "superblock-before-clears",
	.severity = BT_SEVERITY_DATA,
	.impls = BT_ABOUT_CLASSIC,
	.statement =
		"when a daemon pass finds need_sync, page 0 is submitted before any other page "
		"that carries bits cleared since",
	.consequence =
		"A member that left earlier is taken for newer than it is when it comes back: it "
		"is not brought up to date there.",
	.functions = "bitmap_daemon_work (need_sync), md_bitmap_update_sb (events_cleared)",
	.example = "a pass writes page 1 with cleared bits first, and page 0 with events_cleared "
		   "after it",
	.correct = "writes page 0 with events_cleared before any page with the bits that this pass "
		   "cleared",
	.needs = BT_CAPABILITY_LIST(BT_SEES_DAEMON, BT_SEES_CLEAR_BIT, BT_SEES_PAGE_WRITES),
	.may_be_idle = "no pass of the daemon found need_sync",
	.on = BT_TYPE_BIT(BT_PAGE_WRITE_START),
	.event = sbc_event,
};
