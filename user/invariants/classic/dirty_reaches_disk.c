// SPDX-License-Identifier: GPL-2.0-only
/*
 * dirty-reaches-disk: a file system may skip a dirty page silently: one that it did not expect
 * to be dirty (no buffers, no reservation), or one over a hole. Judged when a writeback of the
 * page ends, by the bios that carried the page, and when a filemap_fdatawrite that had to write
 * it returns.
 */
#include "invariants/invariant.h"

/*
 * The error may be emitted right after the writeback ends (btrfs): judge when the call returns.
 */
static bool drd_is_settled(const struct bt_event *ev)
{
	switch (ev->type) {
	case BT_WRITEBACK_EXIT:
	case BT_WAIT_EXIT:
	case BT_UNPLUG_EXIT:
	case BT_DAEMON_EXIT:
	case BT_LOAD_EXIT:
	case BT_GONE:
		return true;
	default:
		return false;
	}
}

static void drd_judge_without_bio(struct bt_result *result, const struct bt_view *view)
{
	const struct bt_block *block;
	struct bt_counterexample *cx;

	bt_for_each_block(view->bitmap, block)
	{
		if (!block->without_bio.seq)
			continue;
		cx = bt_broken(result, view,
			       "the writeback of page %u has ended; no bio carried the page and no "
			       "error was recorded",
			       block->index);
		bt_about(cx, block->index);
		bt_evidence(cx, &block->dirty);
		bt_evidence(cx, &block->without_bio);
	}
}

/* The file's bytes that the call had to write (filemap_fdatawrite_range). */
static bool drd_in_range(const struct bt_block *block, const struct bt_event *ev)
{
	int64_t first = (int64_t)block->index << 12, last = first + 4095;

	return ev->writeback.start <= last && ev->writeback.end >= first;
}

static void drd_judge_call(struct bt_result *result, const struct bt_view *view)
{
	const struct bt_task *task = bt_task_find(view->bitmap, view->ev->tid);
	const struct bt_block *block;
	struct bt_counterexample *cx;

	if (!task || !task->writeback.seq || view->ev->writeback.ret ||
	    view->ev->writeback.sync_mode != BT_WB_SYNC_ALL)
		return;
	bt_for_each_block(view->bitmap, block)
	{
		if (!block->dirty.seq || block->dirty.seq > task->writeback.seq ||
		    !drd_in_range(block, view->ev) ||
		    block->dirty.ev.page.dirty & BT_DIRTY_NO_MAPPING)
			continue;
		if (block->start_seq > block->dirty.seq ||
		    view->bitmap->state.write_error_seq > block->dirty.seq)
			continue;
		cx = bt_broken(result, view,
			       "filemap_fdatawrite returns; page %u was dirty before it, no write "
			       "of the page has begun, and no error was recorded",
			       block->index);
		bt_about(cx, block->index);
		bt_evidence(cx, &block->dirty);
		bt_evidence(cx, &task->writeback);
	}
}

static void drd_judge_end(struct bt_result *result, const struct bt_view *view)
{
	const struct bt_event *ev = view->ev;
	const struct bt_page_write *write =
		bt_block_writeback(bt_block_find(view->bitmap, ev->page.page));

	if (!write || ev->page.backend != BT_BACKEND_PAGECACHE || !write->bytes)
		return;
	if (write->bytes >= bt_block_bytes(view->bitmap, ev->page.page))
		bt_held(result);
}

static void drd_event(struct bt_result *result, const struct bt_view *view)
{
	if (view->bitmap->state.without_bio_nr && drd_is_settled(view->ev))
		drd_judge_without_bio(result, view);
	if (view->ev->type == BT_WRITEBACK_EXIT)
		drd_judge_call(result, view);
	else if (view->ev->type == BT_PAGE_WRITE_END)
		drd_judge_end(result, view);
}

const struct bt_invariant bt_dirty_reaches_disk = {
	.impls = BT_ABOUT_CLASSIC,
	.name = "dirty-reaches-disk",
	.severity = BT_SEVERITY_DATA,
	.statement = "page cache: after a bitmap page is marked dirty, a bio writes its extent, "
		     "or an error is recorded",
	.consequence = "Bits that count as written never reach the disk: after a crash members may "
		       "differ without a bit.",
	.functions = "folio_mark_dirty, filemap_fdatawrite, writeback",
	.example = "writeback ends a page without any bio, because the folio was cleaned by "
		   "somebody else",
	.correct = "writes each dirty page of the bitmap file to its blocks, or records an error",
	.findings = "rfc: D3, D7, D14",
	.needs = BT_CAPABILITY_LIST(BT_SEES_DIRTYING, BT_SEES_WRITEBACK_CALLS,
				    BT_SEES_PAGE_WRITES_PAGECACHE),
	.may_be_idle = "no bitmap file in the page cache",
	.on = BT_TYPE_BIT(BT_PAGE_WRITE_END) | BT_TYPE_BIT(BT_WRITEBACK_EXIT) |
	      BT_TYPE_BIT(BT_WAIT_EXIT) | BT_TYPE_BIT(BT_UNPLUG_EXIT) |
	      BT_TYPE_BIT(BT_DAEMON_EXIT) | BT_TYPE_BIT(BT_LOAD_EXIT) | BT_TYPE_BIT(BT_GONE),
	.event = drd_event,
};
