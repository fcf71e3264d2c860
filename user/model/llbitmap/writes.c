// SPDX-License-Identifier: GPL-2.0-only
/* Users' writes: who holds which chunks, and the page references that were taken for them. */
#include <errno.h>

#include "model/llbitmap/handlers.h"

static bool write_chunks(const struct bt_bitmap *bitmap, const struct bt_event *ev, uint64_t *first,
			 uint64_t *last)
{
	return bt_range_chunks(bitmap, ev->range.sector, ev->range.sectors, first, last) &&
	       *last - *first < BT_CHUNKS_PER_EVENT_MAX;
}

int bt_ll_startwrite(struct bt_model *model, struct bt_bitmap *bitmap, const struct bt_event *ev)
{
	struct bt_task *task = bt_task_get(bitmap, ev->tid);
	uint64_t first, last, i;
	struct bt_chunk *chunk;

	if (!task)
		return -ENOMEM;
	bt_ll_call_over(bitmap, ev->tid);
	task->own_seq = task->ll.started_seq = model->seq;
	if (!write_chunks(bitmap, ev, &first, &last))
		return 0;
	for (i = first; i <= last; i++) {
		chunk = bt_chunk_get(bitmap, i);
		if (!chunk)
			return -ENOMEM;
		chunk->writers++;
	}
	return 0;
}

/*
 * While a recovery runs md counts the array as degraded, and writes to the member that is recovered
 * as well: what the recovery has passed is not needed again, unless a member fails after that.
 */
static bool is_needed(const struct bt_bitmap *bitmap, const struct bt_chunk *chunk)
{
	if (chunk->needed == BT_NEEDED_SYNCED)
		return bt_member_failed_since(bitmap, chunk->start_sync_seq);
	return chunk->needed != BT_NEEDED_RESYNC;
}

int bt_ll_endwrite(struct bt_model *model, struct bt_bitmap *bitmap, const struct bt_event *ev)
{
	uint64_t first, last, i;
	struct bt_chunk *chunk;

	if (!write_chunks(bitmap, ev, &first, &last))
		return 0;
	for (i = first; i <= last; i++) {
		chunk = bt_chunk_get(bitmap, i);
		if (!chunk)
			return -ENOMEM;
		chunk->end_seq = model->seq;
		if (chunk->writers)
			chunk->writers--;
		if (ev->bm_flags & BT_BM_DEGRADED && is_needed(bitmap, chunk) &&
		    bt_chunk_need(model, bitmap, chunk, ev))
			return -ENOMEM;
	}
	return 0;
}

int bt_ll_barrier(struct bt_model *model, struct bt_bitmap *bitmap, const struct bt_event *ev)
{
	struct bt_task *task = bt_task_get(bitmap, ev->tid);
	unsigned int older;

	if (!task)
		return -ENOMEM;
	older = task->ll.pages_seq[0] > task->ll.pages_seq[1];
	task->ll.pages[older] = ev->ll_page.page + 1;
	task->ll.pages_seq[older] = model->seq;
	return 0;
}
