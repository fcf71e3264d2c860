// SPDX-License-Identifier: GPL-2.0-only
/*
 * intent-recorded, lockless: judged when llbitmap_start_write returns. Each chunk of the range is
 * Dirty, NeedSync or Syncing; where this call made it so, its block is marked, so that the
 * unplug that follows writes it, or a write of it has begun since.
 */
#include "invariants/llbitmap/lockless.h"

#define MARKED (BT_LL_BLOCK_MARKED | BT_LL_PAGE_MARKED)

/* Did this call make it so? */
static bool lir_is_own(const struct bt_view *view, const struct bt_chunk *chunk)
{
	const struct bt_task *task = bt_task_find(view->bitmap, view->ev->tid);

	return chunk && task && chunk->set.ev.tid == view->ev->tid &&
	       chunk->set.seq > task->ll.started_seq && chunk->set.seq > task->ll.call_seq;
}

static void lir_judge_mark(struct bt_result *result, const struct bt_view *view, uint64_t index,
			   const struct bt_chunk *chunk)
{
	const struct bt_block *block =
		bt_block_find(view->bitmap, bt_block_of_chunk(view->bitmap, index));
	struct bt_counterexample *cx;

	if (!lir_is_own(view, chunk) || (chunk->set.ev.ll_state.flags & MARKED) == MARKED ||
	    (block && block->start_seq > chunk->set_from_seq)) {
		bt_held(result);
		return;
	}
	if (bt_ll_workers_active(view->bitmap)) {
		bt_unjudged(result, "a worker may have taken the block's mark, to write it");
		return;
	}
	cx = bt_broken(result, view,
		       "start_write returns; it made chunk %llu protected, and its block is not "
		       "marked to be written",
		       (unsigned long long)index);
	bt_about(cx, index);
	bt_evidence(cx, &chunk->set);
}

static void lir_judge(struct bt_result *result, const struct bt_view *view, uint64_t index)
{
	const struct bt_bitmap *bitmap = view->bitmap;
	const struct bt_chunk *chunk = bt_chunk_find(bitmap, index);
	const struct bt_task *task = bt_task_find(bitmap, view->ev->tid);
	uint8_t state = bt_chunk_state(bitmap, chunk, index);
	struct bt_counterexample *cx;

	if (state == BT_LL_STATE_NOT_KNOWN) {
		bt_unjudged(result, "the state of a chunk is not known");
		return;
	}
	if (bt_ll_protects(bt_ll_name_of(state))) {
		lir_judge_mark(result, view, index, chunk);
		return;
	}
	if (task && bitmap->state.own.ll.discard_seq > task->ll.started_seq) {
		bt_unjudged(result, "the chunk may have been discarded meanwhile");
		return;
	}
	cx = bt_broken(result, view, "start_write returns; chunk %llu is %s",
		       (unsigned long long)index, bt_ll_state_name(bt_ll_name_of(state)));
	bt_about(cx, index);
	bt_evidence_clear(cx, view, index);
}

void bt_ll_intent_recorded(struct bt_result *result, const struct bt_view *view)
{
	uint64_t first, last;

	if (view->ev->type != BT_STARTWRITE || !bt_event_enabled(view->ev) ||
	    !bt_range_chunks(view->bitmap, view->ev->range.sector, view->ev->range.sectors, &first,
			     &last))
		return;
	if (last - first >= BT_CHUNKS_PER_EVENT_MAX) {
		bt_blind(result, "a write of more chunks than the model takes at once");
		return;
	}
	for (; first <= last; first++)
		lir_judge(result, view, first);
}
