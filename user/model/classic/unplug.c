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

	bt_give(bitmap, call->owed, call->owed_cap * sizeof(*call->owed));
	bt_give(bitmap, call->failures, call->failures_cap * sizeof(*call->failures));
	bt_give(bitmap, call, sizeof(*call));
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
	call = bt_take(bitmap, sizeof(*call));
	if (!call)
		return -ENOMEM;
	call->tid = ev->tid;
	bt_moment_set(&call->enter, model->seq, ev);
	bitmap->unplugs[bitmap->unplugs_nr++] = call;
	return 0;
}

static int owe(struct bt_bitmap *bitmap, struct bt_unplug *call, uint32_t page, struct bt_span need)
{
	struct bt_owed *grown;
	uint32_t i;

	for (i = 0; i < call->owed_nr; i++) {
		if (call->owed[i].page != page)
			continue;
		if (need.seq > call->owed[i].need.seq)
			call->owed[i].need = need;
		return 0;
	}
	grown = bt_grown(bitmap, call->owed, call->owed_nr, &call->owed_cap, sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	call->owed = grown;
	call->owed[call->owed_nr++] = (struct bt_owed){ .page = page, .need = need };
	return 0;
}

int bt_unplug_page(struct bt_bitmap *bitmap, const struct bt_event *ev)
{
	const struct bt_page *page = bt_page_find(bitmap, ev->attr.page);
	int i = find(bitmap, ev->tid);

	if (i < 0)
		return 0;
	bitmap->unplugs[i]->worked = true;
	/* Dirtied before we looked, or by a resize: not ours to judge. */
	if (!page || !page->set.seq)
		return 0;
	return owe(bitmap, bitmap->unplugs[i], ev->attr.page,
		   (struct bt_span){ .from_seq = page->set_from_seq, .seq = page->set.seq });
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
	grown = bt_grown(bitmap, call->failures, call->failures_nr, &call->failures_cap,
			 sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	call->failures = grown;
	call->failures[call->failures_nr] =
		(struct bt_failure){ .start_seq = io->start.seq, .dev = io->start.ev.page.dev };
	bt_moment_set(&call->failures[call->failures_nr++].end, model->seq, ev);
	return 0;
}

/*
 * The pages left unwritten go to a call that is still inside. Not those that
 * this one has begun to write itself: it took their DIRTY, nobody else will.
 */
static int pass_on(struct bt_bitmap *bitmap, const struct bt_unplug *call, struct bt_unplug *heir)
{
	uint32_t i;

	for (i = 0; i < call->owed_nr; i++) {
		const struct bt_owed *owed = &call->owed[i];
		const struct bt_page *page = bt_page_find(bitmap, owed->page);

		if (bt_page_covers(bitmap, page, owed->need) != BT_NO ||
		    bt_page_begun_by(page, call->tid, call->enter.seq))
			continue;
		if (owe(bitmap, heir, owed->page, owed->need))
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
	bt_moment_set(&bitmap->unplug_exit, model->seq, ev);
	if (bitmap->unplugs_nr > 1)
		err = pass_on(bitmap, call, bitmap->unplugs[i == 0 ? 1 : 0]);
	drop(bitmap, (unsigned int)i);
	return err;
}
