// SPDX-License-Identifier: GPL-2.0-only
/* Passes of bitmap_daemon_work and the pages they clear bits of. */
#include <errno.h>
#include <stdlib.h>

#include "model/core/internal.h"

void bt_daemon_free(struct bt_bitmap *bitmap)
{
	bt_mem_free(bitmap, bitmap->pass_pages,
		    bitmap->pass_pages_cap * sizeof(*bitmap->pass_pages));
	bitmap->pass_pages = NULL;
	bitmap->pass_pages_nr = bitmap->pass_pages_cap = 0;
}

int bt_daemon_cleared(struct bt_bitmap *bitmap, struct bt_block *block, uint32_t tid)
{
	uint32_t *grown;

	/*
	 * Another's pass, of which only the end will be told: the present one
	 * is over but for its end and does not answer for this page any more.
	 */
	if (bitmap->pass_tid != tid)
		block->clear_pass = 0;
	if (bitmap->pass_tid != tid || block->clear_pass == bitmap->pass)
		return 0;
	grown = bt_mem_grow(bitmap, bitmap->pass_pages, bitmap->pass_pages_nr,
			    &bitmap->pass_pages_cap, sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	bitmap->pass_pages = grown;
	bitmap->pass_pages[bitmap->pass_pages_nr++] = block->index;
	block->clear_pass = bitmap->pass;
	block->pass_attr = 0;
	return 0;
}

void bt_daemon_enter(struct bt_model *model, struct bt_bitmap *bitmap, const struct bt_event *ev)
{
	bitmap->pass++;
	bitmap->pass_taken_over =
		bitmap->pass_last_tid ? bitmap->pass_last_tid != ev->tid : bitmap->forgotten;
	bitmap->pass_last_tid = ev->tid;
	bitmap->pass_tid = ev->tid;
	bitmap->passes_active++;
	bitmap->pass_pages_nr = 0;
	bt_event_ref_set(&bitmap->pass_enter, model->seq, ev);
	/* While another pass runs, that one may have consumed it since it was sampled. */
	if (ev->pass.need_sync && !ev->pass.allclean && !bitmap->sb_due.seq &&
	    bitmap->passes_active == 1 && bitmap->geometry.geometry.has_sb)
		bt_event_ref_set(&bitmap->sb_due, model->seq, ev);
}

int bt_daemon_page(struct bt_bitmap *bitmap, const struct bt_event *ev)
{
	struct bt_block *block = bt_block_get(bitmap, ev->attr.page);

	if (!block)
		return -ENOMEM;
	block->pass_attr = ev->attr.attr;
	return 0;
}

void bt_daemon_exit(struct bt_model *model, struct bt_bitmap *bitmap, const struct bt_event *ev)
{
	bt_event_ref_set(&bitmap->pass_exit, model->seq, ev);
	if (bitmap->passes_active)
		bitmap->passes_active--;
	bitmap->pass_tid = 0;
}
