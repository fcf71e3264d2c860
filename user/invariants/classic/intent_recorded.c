// SPDX-License-Identifier: GPL-2.0-only
/*
 * intent-recorded: the purpose of bitmap_startwrite. Judged when it returns: the counter
 * includes this write (2 for "written lately", and 1 for each writer), and the file bit is set,
 * by this call or earlier. That md_bitmap_file_set_bit really sets the bit in the page is
 * judged when it returns.
 */
#include "invariants/invariant.h"
#include "invariants/llbitmap/lockless.h"

#define COUNTER_OF_ONE_WRITER 3

static void ir_judge_bit(struct bt_result *result, const struct bt_view *view, uint64_t chunk)
{
	const struct bt_chunk *known = bt_chunk_find(view->bitmap, chunk);
	struct bt_counterexample *cx;

	switch ((enum bt_bit)bt_chunk_state(view->bitmap, known, chunk)) {
	case BT_BIT_UNKNOWN:
		if (known && known->own.classic.unconfirmed && known->set.ev.tid == view->ev->tid) {
			bt_held(result); /* by this call */
			return;
		}
		bt_unjudged(result, "the bit may have been set before tracing began");
		return;
	case BT_BIT_LOADED:
	case BT_BIT_SET:
		bt_held(result);
		return;
	case BT_BIT_CLEAR:
		break;
	}
	cx = bt_broken(result, view, "startwrite returns; the bit of chunk %llu is not set",
		       (unsigned long long)chunk);
	bt_about(cx, chunk);
	bt_evidence_clear(cx, view, chunk);
}

/*
 * bitmap_dirty_bits does not hold counts.lock while it sets bits: a pass may have cleared this
 * bit again before the probe read it.
 */
static bool ir_may_be_cleared(const struct bt_view *view)
{
	const struct bt_event *ev = view->ev;
	const struct bt_block *block = bt_block_find(view->bitmap, ev->bit.page);
	const struct bt_task *task = bt_task_find(view->bitmap, ev->tid);

	if (!task || !task->set_from_seq)
		return true; /* its entry was not seen */
	return block && block->clear.seq > task->set_from_seq;
}

static void ir_judge_set_bit(struct bt_result *result, const struct bt_view *view)
{
	const struct bt_event *ev = view->ev;

	if (ev->bit.on_page == BT_ON_PAGE_SET)
		return;
	if (ev->bit.on_page != BT_ON_PAGE_CLEAR) {
		bt_unjudged(result, "the bit in the page could not be read after set_bit");
		return;
	}
	if (ir_may_be_cleared(view)) {
		bt_unjudged(result, "a bit may have been cleared while it was being set");
		return;
	}
	bt_broken(result, view, "set_bit returns; the bit of chunk %llu is clear in page %u",
		  (unsigned long long)ev->bit.chunk, ev->bit.page);
}

static void ir_judge_startwrite(struct bt_result *result, const struct bt_view *view)
{
	const struct bt_event *ev = view->ev;
	uint64_t first, last;

	if (!bt_range_chunks(view->bitmap, ev->range.sector, ev->range.sectors, &first, &last))
		return;
	if (ev->range.sampled && ev->range.counter < COUNTER_OF_ONE_WRITER) {
		bt_broken(result, view,
			  "startwrite returns; the counter of chunk %llu or %llu is %u, less than "
			  "%d",
			  (unsigned long long)first, (unsigned long long)last, ev->range.counter,
			  COUNTER_OF_ONE_WRITER);
		return;
	}
	if (last - first >= BT_CHUNKS_PER_EVENT_MAX) {
		bt_blind(result, "a write of more chunks than the model handles at once");
		return;
	}
	for (; first <= last; first++)
		ir_judge_bit(result, view, first);
}

static void ir_event(struct bt_result *result, const struct bt_view *view)
{
	if (!bt_event_enabled(view->ev))
		return;
	if (view->ev->type == BT_SET_BIT)
		ir_judge_set_bit(result, view);
	else
		ir_judge_startwrite(result, view);
}

const struct bt_invariant bt_intent_recorded = {
	.name = "intent-recorded",
	.severity = BT_SEVERITY_DATA,
	.statement =
		"when startwrite(c) returns, the bit of c is set and its counter is at least 3",
	.consequence =
		"The write runs with no bit that records it: a crash leaves members that differ, "
		"and md does not resync the chunk.",
	.functions = "md_bitmap_startwrite, md_bitmap_file_set_bit",
	.example = "set_bit sets the bit of a neighbour chunk",
	.correct = "has counted the write and set the file bit of each of its chunks when "
		   "bitmap_startwrite returns",
	.follows_from = BT_RULES("no-clear-in-flight"),
	.needs = BT_CAPABILITY_LIST(BT_SEES_STARTWRITE, BT_SEES_SET_BIT, BT_SEES_CLEAR_BIT,
				    BT_SEES_LL_LIFE, BT_SEES_LL_STATES, BT_SEES_LL_WRITES),
	.idle = "no startwrite of a chunk whose bit is known",
	.on = BT_TYPE_BIT(BT_SET_BIT) | BT_TYPE_BIT(BT_STARTWRITE),
	.rests_on = BT_TYPES_COUNTERS,
	.event = ir_event,
	.event_llbitmap = bt_ll_intent_recorded,
};
