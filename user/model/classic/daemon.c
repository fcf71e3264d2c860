// SPDX-License-Identifier: GPL-2.0-only
/* Passes of bitmap_daemon_work and the pages in which they clear bits. */
#include <errno.h>

#include "model/classic/handlers.h"

void bt_daemon_free(struct bt_bitmap *bitmap)
{
	bt_mem_free(bitmap, bitmap->state.own.classic.pass_blocks,
		    bitmap->state.own.classic.pass_blocks_cap *
			    sizeof(*bitmap->state.own.classic.pass_blocks));
	bitmap->state.own.classic.pass_blocks = NULL;
	bitmap->state.own.classic.pass_blocks_nr = bitmap->state.own.classic.pass_blocks_cap = 0;
}

int bt_daemon_cleared(struct bt_bitmap *bitmap, struct bt_block *block, uint32_t tid)
{
	uint32_t *grown;

	/*
	 * The pass of another task, of which only the exit will be emitted: the current one has
	 * ended except for its exit and is no longer responsible for this page.
	 */
	if (bitmap->state.own.classic.pass_tid != tid)
		block->own.classic.clear_pass = 0;
	if (bitmap->state.own.classic.pass_tid != tid ||
	    block->own.classic.clear_pass == bitmap->state.own.classic.pass)
		return 0;
	grown = bt_mem_grow(bitmap, bitmap->state.own.classic.pass_blocks,
			    bitmap->state.own.classic.pass_blocks_nr,
			    &bitmap->state.own.classic.pass_blocks_cap, sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	bitmap->state.own.classic.pass_blocks = grown;
	bitmap->state.own.classic.pass_blocks[bitmap->state.own.classic.pass_blocks_nr++] =
		block->index;
	block->own.classic.clear_pass = bitmap->state.own.classic.pass;
	block->own.classic.pass_attr = 0;
	return 0;
}

int bt_daemon_enter(struct bt_model *model, struct bt_bitmap *bitmap, const struct bt_event *ev)
{
	bt_idle_pass(bitmap, ev);
	bitmap->state.own.classic.pass++;
	/* Also for the first pass: the array's thread may have waited for the load to end. */
	bitmap->state.own.classic.pass_taken_over =
		bitmap->state.own.classic.pass_last_tid != ev->tid;
	bitmap->state.own.classic.pass_last_tid = ev->tid;
	bitmap->state.own.classic.pass_tid = ev->tid;
	bitmap->state.own.classic.passes_active++;
	bitmap->state.own.classic.pass_blocks_nr = 0;
	bt_event_ref_set(&bitmap->state.own.classic.pass_enter, model->seq, ev);
	/* If another pass runs, it may have consumed need_sync after it was sampled. */
	if (ev->pass.need_sync && !ev->pass.allclean && !bitmap->state.own.classic.sb_due.seq &&
	    bitmap->state.own.classic.passes_active == 1 && bitmap->geometry.geometry.has_sb)
		bt_event_ref_set(&bitmap->state.own.classic.sb_due, model->seq, ev);
	return 0;
}

int bt_daemon_page(struct bt_model *model, struct bt_bitmap *bitmap, const struct bt_event *ev)
{
	struct bt_block *block = bt_block_get(bitmap, bt_block_of_page(bitmap, ev->attr.page));

	(void)model;
	if (!block)
		return -ENOMEM;
	block->own.classic.pass_attr = ev->attr.attr;
	return 0;
}

int bt_daemon_exit(struct bt_model *model, struct bt_bitmap *bitmap, const struct bt_event *ev)
{
	bt_idle_pass(bitmap, ev);
	bt_event_ref_set(&bitmap->state.own.classic.pass_exit, model->seq, ev);
	if (bitmap->state.own.classic.passes_active)
		bitmap->state.own.classic.passes_active--;
	bitmap->state.own.classic.pass_tid = 0;
	return 0;
}
