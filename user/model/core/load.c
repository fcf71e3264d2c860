// SPDX-License-Identifier: GPL-2.0-only
/* Loads of a bitmap, and the flag that marks it as out of date (BITMAP_STALE). */
#include "model/core/internal.h"

int bt_init_enter(struct bt_model *model, struct bt_bitmap *bitmap, const struct bt_event *ev)
{
	struct bt_state *state = &bitmap->state;

	/* The state of the chunks is void: they are read again. */
	bt_chunks_free(bitmap);
	state->counters_forgotten = false;
	bt_event_ref_set(&state->init_enter, model->seq, ev);
	state->stale_stage = ev->bm_flags & BT_BM_STALE ? BT_STALE_INIT : BT_STALE_NONE;
	state->stale_loaded = false;
	state->failure.seq = 0;
	return 0;
}

int bt_init_exit(struct bt_model *model, struct bt_bitmap *bitmap, const struct bt_event *ev)
{
	struct bt_state *state = &bitmap->state;
	bool seen_enter = state->init_enter.seq != 0;
	struct bt_block *block, *next;

	bt_event_ref_set(&state->init_exit, model->seq, ev);
	state->from_load = seen_enter && ev->call.ret == 0;
	if (state->stale_stage == BT_STALE_NONE)
		return 0;
	if (ev->call.ret != 0)
		state->stale_stage = BT_STALE_NONE;
	else if (state->stale_stage == BT_STALE_INIT)
		state->stale_stage = BT_STALE_FILLED;
	state->stale_loaded = ev->call.ret == 0;
	/* A block marked dirty inside was filled right before it was marked. */
	HASH_ITER (hh, state->blocks, block, next)
		block->fill_seq = block->dirty.seq > state->init_enter.seq ? block->dirty.seq : 0;
	return 0;
}

int bt_load_exit(struct bt_model *model, struct bt_bitmap *bitmap, const struct bt_event *ev)
{
	(void)model;
	(void)ev;
	bitmap->state.stale_stage = BT_STALE_NONE;
	return 0;
}

void bt_watch_stale(struct bt_model *model, struct bt_bitmap *bitmap, const struct bt_event *ev)
{
	struct bt_state *state = &bitmap->state;
	bool marked = state->stale_stage == BT_STALE_INIT || state->stale_stage == BT_STALE_FILLED;

	if (marked && bt_event_has_flags(ev) && ev->type != BT_BITMAP &&
	    !(ev->bm_flags & BT_BM_STALE)) {
		state->stale_stage = BT_STALE_DROPPED;
		bt_event_ref_set(&state->stale_drop, model->seq, ev);
	}
}
