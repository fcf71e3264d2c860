// SPDX-License-Identifier: GPL-2.0-only
/*
 * page-identity: a bitmap page in the page cache belongs to the bitmap's file. A folio that no
 * longer belongs to it (truncated, or its reference lost) is never written, even when it is
 * marked dirty.
 */
#include "invariants/invariant.h"

static void pi_event(struct bt_result *result, const struct bt_view *view)
{
	struct bt_counterexample *cx;
	const struct bt_block *block;

	if (!(view->ev->page.dirty & BT_DIRTY_NO_MAPPING)) {
		bt_held(result);
		return;
	}
	cx = bt_broken(result, view, "page %u is marked dirty; its folio is no longer the file's",
		       view->ev->page.page);
	block = bt_block_find(view->bitmap, view->ev->page.page);
	if (block)
		bt_evidence(cx, &block->dirty);
}

const struct bt_invariant bt_page_identity = {
	.name = "page-identity",
	.severity = BT_SEVERITY_DATA,
	.impls = BT_ABOUT_CLASSIC,
	.statement = "page cache: when a bitmap page is marked dirty its folio belongs to the "
		     "bitmap's file",
	.consequence = "The dirty page is written to no disk: its bits are lost without an error.",
	.functions = "md_bitmap_file_set_bit, md_bitmap_file_clear_bit, folio_mark_dirty",
	.example = "the bitmap file is truncated, and md goes on to dirty the folio that it still "
		   "refers to",
	.correct = "marks only folios dirty that still belong to the bitmap's file",
	.findings = "rfc: D15",
	.needs = BT_CAPABILITY_LIST(BT_SEES_DIRTYING),
	.may_be_idle = "no bitmap file in the page cache",
	.on = BT_TYPE_BIT(BT_PAGE_DIRTY),
	.event = pi_event,
};
