// SPDX-License-Identifier: GPL-2.0-only
/*
 * Calls of __bitmap_unplug and the pages they answer for. DIRTY pages are
 * sampled on entry. Which of two calls at the same time has taken a page's
 * DIRTY away shows when it begins to write the page; until then it cannot be
 * told, so the debt of a call that returns early passes to one that is still
 * inside. Whoever returns last must have left nothing unwritten.
 */
#include <errno.h>
#include <stdlib.h>

#include "model/core/internal.h"

static int find(const struct bt_bitmap *bitmap, uint32_t tid)
{
	unsigned int i;

	for (i = 0; i < bitmap->unplugs_nr; i++)
		if (bitmap->unplugs[i]->tid == tid)
			return (int)i;
	return -1;
}

const struct bt_unplug *bt_unplug_find(const struct bt_bitmap *bitmap, uint32_t tid)
{
	int i = find(bitmap, tid);

	return i < 0 ? NULL : bitmap->unplugs[i];
}

static void drop(struct bt_bitmap *bitmap, unsigned int i)
{
	struct bt_unplug *call = bitmap->unplugs[i];

	bt_mem_free(bitmap, call->must_write, call->must_write_cap * sizeof(*call->must_write));
	bt_mem_free(bitmap, call->failures, call->failures_cap * sizeof(*call->failures));
	bt_mem_free(bitmap, call, sizeof(*call));
	bitmap->unplugs[i] = bitmap->unplugs[--bitmap->unplugs_nr];
}

void bt_unplugs_free(struct bt_bitmap *bitmap)
{
	while (bitmap->unplugs_nr)
		drop(bitmap, bitmap->unplugs_nr - 1);
}

int bt_unplug_enter(struct bt_model *model, struct bt_bitmap *bitmap, const struct bt_event *ev)
{
	int known = find(bitmap, ev->tid);
	struct bt_unplug *call;

	if (known >= 0)
		drop(bitmap, (unsigned int)known); /* its exit was lost */
	if (bitmap->unplugs_nr == BT_UNPLUGS_MAX) {
		bitmap->overflow = true;
		return 0;
	}
	call = bt_mem_alloc(bitmap, sizeof(*call));
	if (!call)
		return -ENOMEM;
	call->tid = ev->tid;
	bt_event_ref_set(&call->enter, model->seq, ev);
	bitmap->unplugs[bitmap->unplugs_nr++] = call;
	return 0;
}

static int must_write_add(struct bt_bitmap *bitmap, struct bt_unplug *call, uint32_t page,
			  struct bt_window need)
{
	struct bt_must_write *grown;
	uint32_t i;

	for (i = 0; i < call->must_write_nr; i++) {
		if (call->must_write[i].page != page)
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
		(struct bt_must_write){ .page = page, .need = need };
	return 0;
}

int bt_unplug_page(struct bt_bitmap *bitmap, const struct bt_event *ev)
{
	const struct bt_block *block = bt_block_find(bitmap, ev->attr.page);
	int i = find(bitmap, ev->tid);

	if (i < 0)
		return 0;
	bitmap->unplugs[i]->worked = true;
	/* Dirtied before we looked, or by a resize: not ours to judge. */
	if (!block || !block->set.seq)
		return 0;
	return must_write_add(
		bitmap, bitmap->unplugs[i], ev->attr.page,
		(struct bt_window){ .from_seq = block->set_from_seq, .seq = block->set.seq });
}

int bt_unplug_failure(struct bt_model *model, struct bt_bitmap *bitmap, const struct bt_io *io,
		      const struct bt_event *ev)
{
	int i = io->in_unplug ? find(bitmap, io->start.ev.tid) : -1;
	struct bt_failure *grown;
	struct bt_unplug *call;

	if (i < 0 || bitmap->unplugs[i]->enter.seq > io->start.seq)
		return 0; /* of no unplug, or of one that has not waited for it */
	call = bitmap->unplugs[i];
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
 * The pages left unwritten go to a call that is still inside. Not those that
 * this one has begun to write itself: it took their DIRTY, nobody else will.
 */
static int pass_on(struct bt_bitmap *bitmap, const struct bt_unplug *call,
		   struct bt_unplug *inherits)
{
	uint32_t i;

	for (i = 0; i < call->must_write_nr; i++) {
		const struct bt_must_write *must_write = &call->must_write[i];
		const struct bt_block *block = bt_block_find(bitmap, must_write->page);

		if (bt_block_covers(bitmap, block, must_write->need) != BT_NO ||
		    bt_block_begun_by(block, call->tid, call->enter.seq))
			continue;
		if (must_write_add(bitmap, inherits, must_write->page, must_write->need))
			return -ENOMEM;
	}
	return 0;
}

int bt_unplug_exit(struct bt_model *model, struct bt_bitmap *bitmap, const struct bt_event *ev)
{
	int i = find(bitmap, ev->tid), err = 0;
	struct bt_unplug *call;

	if (i < 0) {
		bitmap->unplug_unseen_seq = model->seq;
		return 0;
	}
	call = bitmap->unplugs[i];
	bitmap->unplug_enter = call->enter;
	bt_event_ref_set(&bitmap->unplug_exit, model->seq, ev);
	if (bitmap->unplugs_nr > 1)
		err = pass_on(bitmap, call, bitmap->unplugs[i == 0 ? 1 : 0]);
	drop(bitmap, (unsigned int)i);
	return err;
}
