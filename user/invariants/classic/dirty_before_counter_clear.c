// SPDX-License-Identifier: GPL-2.0-only
/*
 * dirty-before-counter-clear: md does not write a changed bit unless its page is marked. Set bits
 * are judged when they are cleared again, cleared bits when the daemon pass ends.
 *
 * "Marked" is set_page_dirty for a bitmap in the page cache, and the DIRTY, PENDING or NEEDWRITE
 * attribute for the other backends. A page whose write was left to a worker is marked, too.
 */
#include "invariants/invariant.h"

#define MARK_TAKEN "an unplug may have cleared the mark before the probe sampled it"

/*
 * The attributes were sampled when set_bit returned. An unplug inside at that time may have
 * cleared DIRTY. An unplug that was entered before tracing began, or before a loss, shows only
 * by its exit.
 */
static enum bt_tri dbcc_attr_marked(const struct bt_bitmap *bitmap, const struct bt_chunk *chunk)
{
	if (chunk->own.classic.attr_dirty == BT_NO &&
	    bitmap->state.unplug_unseen_seq > chunk->set_from_seq)
		return BT_MAYBE;
	return (enum bt_tri)chunk->own.classic.attr_dirty;
}

static void dbcc_judge_set(struct bt_result *result, const struct bt_view *view)
{
	const struct bt_event *ev = view->ev;
	const struct bt_chunk *chunk = bt_chunk_find(view->bitmap, ev->bit.chunk);
	const struct bt_block *block = bt_block_find(view->bitmap, ev->bit.page);
	struct bt_counterexample *cx;
	enum bt_tri marked;

	if (!chunk || chunk->state != BT_BIT_SET)
		return; /* loaded, or set before tracing began */
	if (view->bitmap->backend == BT_BACKEND_PAGECACHE)
		marked = chunk->own.classic.marked || (block && block->dirty.seq > chunk->set.seq)
				 ? BT_YES
				 : BT_NO;
	else if (view->bitmap->backend == BT_BACKEND_FILE)
		marked = BT_MAYBE; /* a file, but no write seen: page cache or buffer heads? */
	else
		marked = dbcc_attr_marked(view->bitmap, chunk);
	if (bt_answered(result, marked, MARK_TAKEN))
		return;
	cx = bt_broken(result, view,
		       "the bit of chunk %llu is cleared; page %u was not marked dirty after it "
		       "was set",
		       (unsigned long long)ev->bit.chunk, ev->bit.page);
	bt_evidence(cx, &chunk->set);
}

static enum bt_tri dbcc_clear_marked(const struct bt_bitmap *bitmap, const struct bt_block *block)
{
	const uint8_t any = BT_ATTR_DIRTY | BT_ATTR_PENDING | BT_ATTR_NEEDWRITE;

	if (block->dirty.seq > block->clear.seq || block->start_seq > block->clear.seq ||
	    block->queued_seq > block->clear.seq)
		return BT_YES;
	if (bitmap->backend == BT_BACKEND_PAGECACHE)
		return BT_NO;
	if (block->own.classic.pass_attr & any)
		return BT_YES;
	/*
	 * An unplug inside now may have cleared the attribute and not submitted the write yet.
	 */
	return bitmap->state.unplugs_nr ? BT_MAYBE : BT_NO;
}

static void dbcc_judge_pass(struct bt_result *result, const struct bt_view *view)
{
	const struct bt_bitmap *bitmap = view->bitmap;
	struct bt_counterexample *cx;
	const struct bt_block *block;
	uint32_t i;

	if (bitmap->state.own.classic.pass_tid != view->ev->tid)
		return;
	for (i = 0; i < bitmap->state.own.classic.pass_blocks_nr; i++) {
		block = bt_block_find(bitmap, bitmap->state.own.classic.pass_blocks[i]);
		if (!block || block->own.classic.clear_pass != bitmap->state.own.classic.pass ||
		    bt_answered(result, dbcc_clear_marked(bitmap, block), MARK_TAKEN))
			continue;
		cx = bt_broken(result, view,
			       "the daemon pass ends; it cleared bits of page %u, and the page "
			       "is not marked to be written",
			       block->index);
		bt_about(cx, block->index);
		bt_evidence(cx, &bitmap->state.own.classic.pass_enter);
		bt_evidence(cx, &block->clear);
	}
}

static void dbcc_event(struct bt_result *result, const struct bt_view *view)
{
	if (!bt_event_enabled(view->ev))
		return;
	if (view->ev->type == BT_CLEAR_BIT)
		dbcc_judge_set(result, view);
	else if (view->ev->type == BT_DAEMON_EXIT)
		dbcc_judge_pass(result, view);
}

const struct bt_invariant bt_dirty_before_counter_clear = {
	.impls = BT_ABOUT_CLASSIC,
	.name = "dirty-before-counter-clear",
	.severity = BT_SEVERITY_DATA,
	.statement =
		"between set_bit(c) and the clearing of c's counter the page of c is marked dirty, "
		"and after clear_bit(c) the page is marked before the daemon pass ends",
	.consequence = "A changed bit is in memory only: a set bit may never reach the disk before "
		       "data, a cleared one costs a resync.",
	.functions = "md_bitmap_file_set_bit, md_bitmap_file_clear_bit, bitmap_daemon_work",
	.example = "clear_bit changes the page and does not mark it to be written",
	.correct = "marks the bitmap page to be written whenever it sets or clears a bit in it",
	.needs = BT_CAPABILITY_LIST(BT_SEES_SET_BIT, BT_SEES_CLEAR_BIT, BT_SEES_DAEMON,
				    BT_SEES_PAGE_WRITES),
	.idle = "no bit was cleared",
	.on = BT_TYPE_BIT(BT_CLEAR_BIT) | BT_TYPE_BIT(BT_DAEMON_EXIT),
	.rests_on = BT_TYPES_COUNTERS,
	.event = dbcc_event,
};
