// SPDX-License-Identifier: GPL-2.0-only
/*
 * Calls of __bitmap_unplug and the blocks that each must write. Dirty pages are sampled on
 * entry. If two calls run at once, it shows which of them has cleared a page's DIRTY only when
 * it begins to write the page. Until then, when a call returns, the blocks that it has not
 * written pass to a call that has not returned. The last call to return must have left no block
 * unwritten.
 */
#include <errno.h>
#include <stdlib.h>

#include "model/core/impl.h"
#include "model/core/internal.h"

static int find(const struct bt_bitmap *bitmap, uint32_t tid)
{
	unsigned int i;

	for (i = 0; i < bitmap->state.unplugs_nr; i++)
		if (bitmap->state.unplugs[i]->tid == tid)
			return (int)i;
	return -1;
}

const struct bt_unplug *bt_unplug_find(const struct bt_bitmap *bitmap, uint32_t tid)
{
	int i = find(bitmap, tid);

	return i < 0 ? NULL : bitmap->state.unplugs[i];
}

static void drop(struct bt_bitmap *bitmap, unsigned int i)
{
	struct bt_unplug *call = bitmap->state.unplugs[i];

	bt_mem_free(bitmap, call->must_write, call->must_write_cap * sizeof(*call->must_write));
	bt_mem_free(bitmap, call->failures, call->failures_cap * sizeof(*call->failures));
	bt_mem_free(bitmap, call, sizeof(*call));
	bitmap->state.unplugs[i] = bitmap->state.unplugs[--bitmap->state.unplugs_nr];
}

void bt_unplugs_free(struct bt_bitmap *bitmap)
{
	while (bitmap->state.unplugs_nr)
		drop(bitmap, bitmap->state.unplugs_nr - 1);
}

int bt_unplug_enter(struct bt_model *model, struct bt_bitmap *bitmap, const struct bt_event *ev)
{
	int known = find(bitmap, ev->tid);
	struct bt_unplug *call;

	if (known >= 0)
		drop(bitmap, (unsigned int)known); /* its exit was lost */
	if (bitmap->state.unplugs_nr == BT_UNPLUGS_MAX) {
		bitmap->state.overflow = true;
		return 0;
	}
	call = bt_mem_alloc(bitmap, sizeof(*call));
	if (!call)
		return -ENOMEM;
	call->tid = ev->tid;
	bt_event_ref_set(&call->enter, model->seq, ev);
	bitmap->state.unplugs[bitmap->state.unplugs_nr++] = call;
	return 0;
}

static int must_write_add(struct bt_bitmap *bitmap, struct bt_unplug *call, uint32_t block,
			  struct bt_window need)
{
	struct bt_must_write *grown;
	uint32_t i;

	for (i = 0; i < call->must_write_nr; i++) {
		if (call->must_write[i].block != block)
			continue;
		if (need.seq > call->must_write[i].need.seq)
			call->must_write[i].need = need;
		return 0;
	}
	grown = bt_mem_grow(bitmap, call->must_write, call->must_write_nr, &call->must_write_cap,
			    sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	call->must_write = grown;
	call->must_write[call->must_write_nr++] =
		(struct bt_must_write){ .block = block, .need = need };
	return 0;
}

int bt_unplug_page(struct bt_model *model, struct bt_bitmap *bitmap, const struct bt_event *ev)
{
	uint32_t index = bt_block_of_page(bitmap, ev->attr.page);
	uint32_t end = index + bt_block_of_page(bitmap, 1);
	int i = find(bitmap, ev->tid);
	const struct bt_block *block;

	(void)model;
	if (i < 0)
		return 0;
	bitmap->state.unplugs[i]->worked = true;
	for (; index < end; index++) {
		block = bt_block_find(bitmap, index);
		/* Dirtied before tracing began, or by a resize: not judged. */
		if (!block || !block->set.seq)
			continue;
		if (must_write_add(bitmap, bitmap->state.unplugs[i], index, bt_block_window(block)))
			return -ENOMEM;
	}
	return 0;
}

/* A worker writes for each unplug that waits; with several of them the one that failed is not
 * known. */
static int failing_unplug(const struct bt_bitmap *bitmap, const struct bt_io *io)
{
	if (bitmap->ops->unplugs_by_worker)
		return bitmap->state.unplugs_nr == 1 && bitmap->state.unplugs[0]->worked ? 0 : -1;
	return io->in_unplug ? find(bitmap, io->unplug_tid) : -1;
}

int bt_unplug_failure(struct bt_model *model, struct bt_bitmap *bitmap, const struct bt_io *io,
		      const struct bt_event *ev)
{
	int i = failing_unplug(bitmap, io);
	struct bt_failure *grown;
	struct bt_unplug *call;

	if (i < 0 || bitmap->state.unplugs[i]->enter.seq > io->start.seq)
		return 0; /* of no unplug, or of one that did not wait for it */
	call = bitmap->state.unplugs[i];
	grown = bt_mem_grow(bitmap, call->failures, call->failures_nr, &call->failures_cap,
			    sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	call->failures = grown;
	call->failures[call->failures_nr] =
		(struct bt_failure){ .start_seq = io->start.seq, .dev = io->start.ev.page.dev };
	bt_event_ref_set(&call->failures[call->failures_nr++].end, model->seq, ev);
	return 0;
}

/*
 * Passes the unwritten blocks to a call that has not returned. Not the blocks that this call
 * has begun to write itself: it cleared their DIRTY, so no other call will write them.
 */
static int pass_on(struct bt_bitmap *bitmap, const struct bt_unplug *call,
		   struct bt_unplug *inherits)
{
	uint32_t i;

	for (i = 0; i < call->must_write_nr; i++) {
		const struct bt_must_write *must_write = &call->must_write[i];
		const struct bt_block *block = bt_block_find(bitmap, must_write->block);

		if (bt_block_covers(bitmap, block, must_write->need) != BT_NO ||
		    bt_block_begun_by(block, call->tid, call->enter.seq))
			continue;
		if (must_write_add(bitmap, inherits, must_write->block, must_write->need))
			return -ENOMEM;
	}
	return 0;
}

int bt_unplug_exit(struct bt_model *model, struct bt_bitmap *bitmap, const struct bt_event *ev)
{
	int i = find(bitmap, ev->tid), err = 0;
	struct bt_unplug *call;

	if (i < 0) {
		bitmap->state.unplug_unseen_seq = model->seq;
		return 0;
	}
	call = bitmap->state.unplugs[i];
	bitmap->state.unplug_enter = call->enter;
	bt_event_ref_set(&bitmap->state.unplug_exit, model->seq, ev);
	if (bitmap->state.unplugs_nr > 1)
		err = pass_on(bitmap, call, bitmap->state.unplugs[i == 0 ? 1 : 0]);
	drop(bitmap, (unsigned int)i);
	return err;
}
