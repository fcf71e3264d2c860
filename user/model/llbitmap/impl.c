// SPDX-License-Identifier: GPL-2.0-only
/* The lockless bitmap (drivers/md/md-llbitmap.c) as the model's second implementation. */
#include "model/core/impl.h"
#include "model/llbitmap/handlers.h"

#define HEADER_BYTES 1024 /* BITMAP_DATA_OFFSET */
#define PAGE_SHIFT   12
#define BLOCK_SHIFT  9

/* The bytes were read right before; what follows changes them. */
static int ll_load_enter(struct bt_model *model, struct bt_bitmap *bitmap,
			 const struct bt_event *ev)
{
	struct bt_ll_bitmap_state *ll = &bitmap->state.own.ll;

	bt_event_ref_set(&bitmap->state.init_enter, model->seq, ev);
	bitmap->state.failure.seq = 0;
	bitmap->state.stale_loaded = ev->bm_flags & BT_BM_STALE;
	ll->stale_load.seq = ll->stale_filled.seq = 0;
	if (ev->bm_flags & BT_BM_STALE)
		bt_event_ref_set(&ll->stale_load, model->seq, ev);
	return 0;
}

static int ll_load_exit(struct bt_model *model, struct bt_bitmap *bitmap, const struct bt_event *ev)
{
	struct bt_state *state = &bitmap->state;

	bt_event_ref_set(&state->init_exit, model->seq, ev);
	state->from_load = state->init_enter.seq && ev->call.ret == 0;
	return 0;
}

static int ll_sync(struct bt_model *model, struct bt_bitmap *bitmap, const struct bt_event *ev)
{
	(void)ev;
	bitmap->state.own.ll.sync_seq = model->seq;
	return 0;
}

static const bt_handler handlers[BT_EVENT_TYPE_MAX] = {
	[BT_LOAD_ENTER] = ll_load_enter,
	[BT_LOAD_EXIT] = ll_load_exit,
	[BT_LL_NAMES] = bt_ll_names,
	[BT_LL_TABLE] = bt_ll_table,
	[BT_LL_CALL_ENTER] = bt_ll_call_enter,
	[BT_LL_STATE] = bt_ll_changed,
	[BT_LL_CALL_EXIT] = bt_ll_call_exit,
	[BT_LL_BARRIER] = bt_ll_barrier,
	[BT_LL_WORK_ENTER] = bt_ll_worker_enter,
	[BT_LL_WORK_EXIT] = bt_ll_worker_exit,
	[BT_LL_FLUSH_ENTER] = bt_ll_worker_enter,
	[BT_LL_FLUSH_EXIT] = bt_ll_worker_exit,
	[BT_UPDATE_SB_ENTER] = bt_ll_worker_enter,
	[BT_UPDATE_SB_EXIT] = bt_ll_worker_exit,
	[BT_STARTWRITE] = bt_ll_startwrite,
	[BT_ENDWRITE] = bt_ll_endwrite,
	[BT_PAGE_WRITE_START] = bt_ll_page_write_start,
	[BT_START_SYNC] = ll_sync,
	[BT_LL_SYNC_SKIP] = ll_sync,
};

static enum bt_protection ll_protection(uint8_t state)
{
	if (state == BT_LL_STATE_NOT_KNOWN)
		return BT_PROTECTION_UNKNOWN;
	if (!bt_ll_protects(bt_ll_name_of(state)))
		return BT_UNPROTECTED;
	switch (state >> 4) {
	case BT_LL_ON_DISK:
		return BT_PROTECTED_LOADED;
	case BT_LL_CHANGED:
		return BT_PROTECTED;
	default:
		return BT_PROTECTION_UNKNOWN;
	}
}

/* A discard has a rule of its own; it leaves nothing that a resync could make good. */
static bool ll_unprotected(const struct bt_bitmap *bitmap, const struct bt_event *ev,
			   uint64_t *first, uint64_t *last)
{
	uint64_t chunks = bitmap->geometry.geometry.chunks;
	unsigned int before, after;

	if (ev->type != BT_LL_STATE || ev->ll_state.action >= BT_LL_BY_LOAD ||
	    !ev->ll_state.chunks || ev->ll_state.chunk >= chunks ||
	    bt_ll_action_is(bitmap, ev->ll_state.action, BT_LL_DISCARD) ||
	    ev->ll_state.before == BT_LL_NO_NAME ||
	    !bt_ll_name(bitmap, ev->ll_state.before, &before) ||
	    !bt_ll_name(bitmap, ev->ll_state.after, &after) || !bt_ll_protects(before) ||
	    bt_ll_protects(after))
		return false;
	*first = ev->ll_state.chunk;
	*last = ev->ll_state.chunks < chunks - *first ? *first + ev->ll_state.chunks - 1
						      : chunks - 1;
	return true;
}

static void ll_shape(const struct bt_event *geometry, struct bt_layout_shape *shape)
{
	(void)geometry;
	*shape = (struct bt_layout_shape){
		.header_bits = HEADER_BYTES << 3,
		.chunk_bits_shift = 3,
		.page_shift = PAGE_SHIFT,
		.block_shift = BLOCK_SHIFT,
	};
}

/* Which thread holds what is in doubt. */
static void ll_forget_counters(struct bt_bitmap *bitmap)
{
	struct bt_task *task, *next;

	HASH_ITER (hh, bitmap->state.tasks, task, next)
		task->ll = (struct bt_ll_task){ 0 };
	bitmap->state.from_load = false;
}

static void ll_free(struct bt_bitmap *bitmap)
{
	bt_ll_found_free(bitmap);
}

extern const struct bt_impl_ops bt_llbitmap_ops;

const struct bt_impl_ops bt_llbitmap_ops = {
	.name = "llbitmap",
	.impl = BT_IMPL_LLBITMAP,
	.handlers = handlers,
	.state_untouched = bt_ll_found_state,
	.protection = ll_protection,
	.unprotects = BT_TYPE_BIT(BT_LL_STATE),
	.unprotected = ll_unprotected,
	.discards_apart = true,
	.unplugs_by_worker = true,
	.shape = ll_shape,
	.forget_counters = ll_forget_counters,
	.free = ll_free,
};
