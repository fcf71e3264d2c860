// SPDX-License-Identifier: GPL-2.0-only
/* Bits that are set and cleared, and the writers in the counters. */
#include <errno.h>

#include "model/classic/handlers.h"

/* An unplug may have cleared DIRTY before the probe sampled it. */
static enum bt_tri attr_dirty(const struct bt_bitmap *bitmap, const struct bt_block *block,
			      const struct bt_event *ev, uint64_t from_seq)
{
	if (ev->bit.attr & BT_ATTR_DIRTY)
		return BT_YES;
	if (bitmap->state.unplugs_nr || bitmap->state.unplug_exit.seq > from_seq ||
	    block->start_seq > from_seq)
		return BT_MAYBE;
	return BT_NO;
}

/*
 * The bit is set again (bitmap_dirty_bits): nothing changes on disk. The bit of a chunk with
 * writers was set before tracing began, or since the load.
 */
static bool set_already(const struct bt_chunk *chunk)
{
	if (chunk->state == BT_BIT_LOADED || chunk->state == BT_BIT_UNKNOWN)
		return chunk->writers;
	return chunk->state == BT_BIT_SET;
}

/*
 * After a loss it is not known whether the bit was set in between. A startwrite that follows
 * shows that it was not: bitmap_startwrite sets only clear bits. bitmap_dirty_bits sets any
 * bit, and writes in flight may rely on the first set_bit.
 */
static void confirm(struct bt_chunk *chunk, const struct bt_event *startwrite)
{
	if (chunk->own.classic.unconfirmed && chunk->set.ev.tid == startwrite->tid)
		chunk->state = BT_BIT_SET;
	chunk->own.classic.unconfirmed = false;
}

int bt_bit_set(struct bt_model *model, struct bt_bitmap *bitmap, const struct bt_event *ev)
{
	struct bt_chunk *chunk = bt_chunk_get(bitmap, ev->bit.chunk);
	struct bt_block *block = bt_block_get(bitmap, bt_block_of_page(bitmap, ev->bit.page));
	struct bt_task *task = bt_task_get(bitmap, ev->tid);
	uint64_t from_seq;

	if (!chunk || !block || !task)
		return -ENOMEM;
	bt_excess_bit(bitmap, ev->bit.chunk);
	/*
	 * Its entry was lost, or came before the probe was attached: a write that began before
	 * now may carry it. Since the load all entries are seen.
	 */
	if (!task->set_from_seq && !bitmap->state.from_load) {
		chunk->state = BT_BIT_UNKNOWN;
		return 0;
	}
	from_seq = task->set_from_seq ? task->set_from_seq : model->seq;
	task->set_from_seq = 0;
	bt_event_ref_set(&block->set, model->seq, ev);
	block->set_from_seq = from_seq;
	if (set_already(chunk)) {
		chunk->own.classic.kept = BT_KEPT_MAYBE; /* bitmap_dirty_bits sets NEEDED */
		return 0;
	}
	chunk->own.classic.kept = BT_KEPT_SET;
	/* It may have writers whose startwrites were lost: then it was set already. */
	if (chunk->state == BT_BIT_LOADED && bitmap->state.counters_forgotten)
		chunk->state = BT_BIT_UNKNOWN;
	chunk->own.classic.unconfirmed = chunk->state == BT_BIT_UNKNOWN &&
					 (bitmap->forgotten || bitmap->state.counters_forgotten);
	if (chunk->own.classic.unconfirmed && task->set_before) {
		chunk->own.classic.unconfirmed =
			false; /* set again, and the first set_bit was not seen */
		return 0;
	}
	if (!chunk->own.classic.unconfirmed)
		chunk->state = BT_BIT_SET;
	bt_event_ref_set(&chunk->set, model->seq, ev);
	chunk->set_from_seq = from_seq;
	chunk->own.classic.attr_dirty = (uint8_t)attr_dirty(bitmap, block, ev, from_seq);
	chunk->own.classic.marked = block->dirty.seq > from_seq;
	return 0;
}

int bt_bit_clear(struct bt_model *model, struct bt_bitmap *bitmap, const struct bt_event *ev)
{
	struct bt_chunk *chunk = bt_chunk_get(bitmap, ev->bit.chunk);
	struct bt_block *block = bt_block_get(bitmap, bt_block_of_page(bitmap, ev->bit.page));

	if (!chunk || !block)
		return -ENOMEM;
	chunk->state = BT_BIT_CLEAR;
	chunk->own.classic.unconfirmed = false;
	chunk->needed = BT_NEEDED_NOT; /* nothing keeps it set any more */
	bt_excess_bit(bitmap, ev->bit.chunk);
	bt_event_ref_set(&block->clear, model->seq, ev);
	return bt_daemon_cleared(bitmap, block, ev->tid);
}

bool bt_write_chunks(const struct bt_bitmap *bitmap, const struct bt_event *ev, uint64_t *first,
		     uint64_t *last)
{
	return bt_range_chunks(bitmap, ev->range.sector, ev->range.sectors, first, last) &&
	       *last - *first < BT_CHUNKS_PER_EVENT_MAX;
}

/*
 * Did this startwrite set the bit? bitmap_dirty_bits, which makes it NEEDED, is followed by an
 * unplug in the same thread. A counter that was not sampled may be shared.
 */
static void settle_kept(const struct bt_bitmap *bitmap, struct bt_chunk *chunk,
			const struct bt_event *ev)
{
	struct bt_classic_chunk *own = &chunk->own.classic;
	const struct bt_task *task;

	if (!ev->range.sampled)
		own->kept = BT_KEPT_MAYBE;
	if (own->kept != BT_KEPT_SET || chunk->state != BT_BIT_SET || chunk->set.ev.tid != ev->tid)
		return;
	task = bt_task_find(bitmap, ev->tid);
	if (task && task->unplug_enter.seq < chunk->set.seq)
		own->kept = BT_KEPT_NOT;
}

int bt_startwrite(struct bt_model *model, struct bt_bitmap *bitmap, const struct bt_event *ev)
{
	struct bt_task *task = bt_task_get(bitmap, ev->tid);
	uint64_t first, last, i;
	struct bt_chunk *chunk;

	if (!task)
		return -ENOMEM;
	task->own_seq = bitmap->state.own.classic.startwrite_seq = model->seq;
	if (!bt_write_chunks(bitmap, ev, &first, &last))
		return 0;
	for (i = first; i <= last; i++) {
		chunk = bt_chunk_get(bitmap, i);
		if (!chunk)
			return -ENOMEM;
		confirm(chunk, ev);
		settle_kept(bitmap, chunk, ev);
		chunk->writers++;
	}
	bt_excess_start(model, bitmap, ev);
	return 0;
}

static int writer_ends(struct bt_bitmap *bitmap, uint64_t index, struct bt_chunk *chunk,
		       const struct bt_event *ev, uint64_t seq)
{
	chunk->end_seq = seq;
	chunk->end_degraded = ev->bm_flags & BT_BM_DEGRADED;
	if (chunk->end_degraded)
		chunk->own.classic.kept = BT_KEPT_MAYBE;
	if (!chunk->writers || --chunk->writers)
		return 0;
	return bt_idle_begins(bitmap, index, chunk);
}

int bt_endwrite(struct bt_model *model, struct bt_bitmap *bitmap, const struct bt_event *ev)
{
	struct bt_classic_state *state = &bitmap->state.own.classic;
	uint64_t first, last, i;
	struct bt_chunk *chunk;

	state->endwrite_seq = model->seq;
	state->endwrite_ns = ev->ts_ns;
	state->endwrite_pass = bt_passes_begun(bitmap);
	if (!bt_write_chunks(bitmap, ev, &first, &last))
		return 0;
	for (i = first; i <= last; i++) {
		chunk = bt_chunk_get(bitmap, i);
		if (!chunk || writer_ends(bitmap, i, chunk, ev, model->seq))
			return -ENOMEM;
	}
	bt_excess_end(bitmap, first, last);
	return 0;
}
