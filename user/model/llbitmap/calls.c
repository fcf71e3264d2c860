// SPDX-License-Identifier: GPL-2.0-only
/* Which threads are inside the state machine, and which write blocks. */
#include <errno.h>

#include "model/llbitmap/handlers.h"

static struct bt_ll_call *call_find(struct bt_ll_bitmap_state *ll, uint32_t tid)
{
	uint32_t i;

	for (i = 0; i < ll->calls_nr; i++)
		if (ll->calls[i].tid == tid)
			return &ll->calls[i];
	return NULL;
}

const struct bt_ll_call *bt_ll_call_of(const struct bt_bitmap *bitmap, uint32_t tid)
{
	const struct bt_ll_bitmap_state *ll = &bitmap->state.own.ll;
	uint32_t i;

	for (i = 0; i < ll->calls_nr; i++)
		if (ll->calls[i].tid == tid)
			return &ll->calls[i];
	return NULL;
}

uint64_t bt_ll_changed_from(const struct bt_bitmap *bitmap, uint64_t seq)
{
	const struct bt_ll_bitmap_state *ll = &bitmap->state.own.ll;
	uint32_t i;

	for (i = 0; i < ll->calls_nr; i++)
		if (ll->calls[i].enter_seq < seq)
			seq = ll->calls[i].enter_seq;
	return seq;
}

void bt_ll_call_over(struct bt_bitmap *bitmap, uint32_t tid)
{
	struct bt_ll_bitmap_state *ll = &bitmap->state.own.ll;
	struct bt_ll_call *call = call_find(ll, tid);

	if (call)
		*call = ll->calls[--ll->calls_nr];
}

/* Infection reaches the whole block. */
static bool blocks_overlap(const struct bt_bitmap *bitmap, const struct bt_ll_call *a,
			   const struct bt_ll_call *b)
{
	return bt_block_of_chunk(bitmap, a->first) <= bt_block_of_chunk(bitmap, b->last) &&
	       bt_block_of_chunk(bitmap, b->first) <= bt_block_of_chunk(bitmap, a->last);
}

int bt_ll_call_enter(struct bt_model *model, struct bt_bitmap *bitmap, const struct bt_event *ev)
{
	struct bt_ll_bitmap_state *ll = &bitmap->state.own.ll;
	struct bt_task *task = bt_task_get(bitmap, ev->tid);
	struct bt_ll_call call = {
		.tid = ev->tid,
		.enter_seq = model->seq,
		.first = ev->ll_call.first,
		.last = ev->ll_call.last,
		.action = ev->ll_call.action,
	};
	uint64_t chunks = bitmap->geometry.geometry.chunks;
	uint32_t i;

	if (!task)
		return -ENOMEM;
	if (chunks && call.last >= chunks)
		call.last = chunks - 1;
	bt_ll_call_over(bitmap, ev->tid); /* its exit was lost */
	if (bt_ll_action_is(bitmap, call.action, BT_LL_STARTWRITE)) {
		task->ll.call_seq = model->seq;
		task->ll.call_first = call.first;
		task->ll.call_last = call.last;
	}
	if (ll->calls_nr == BT_LL_CALLS_MAX) {
		bitmap->state.overflow = true;
		return 0;
	}
	for (i = 0; i < ll->calls_nr; i++)
		if (blocks_overlap(bitmap, &ll->calls[i], &call))
			call.overlapped = ll->calls[i].overlapped = true;
	ll->calls[ll->calls_nr++] = call;
	return 0;
}

/* A load that found the bitmap out of date has filled it. */
static void note_filled(struct bt_model *model, struct bt_bitmap *bitmap, const struct bt_event *ev)
{
	struct bt_ll_bitmap_state *ll = &bitmap->state.own.ll;

	if (ll->stale_load.seq && bt_ll_action_is(bitmap, ev->ll_call.action, BT_LL_STALE))
		bt_event_ref_set(&ll->stale_filled, model->seq, ev);
}

int bt_ll_call_exit(struct bt_model *model, struct bt_bitmap *bitmap, const struct bt_event *ev)
{
	note_filled(model, bitmap, ev);
	bt_ll_call_over(bitmap, ev->tid);
	return 0;
}

/* ---- who takes marks and writes blocks ---------------------------------------------------- */

bool bt_ll_workers_active(const struct bt_bitmap *bitmap)
{
	return bitmap->state.own.ll.workers_nr || bitmap->state.own.ll.workers_unknown;
}

int bt_ll_worker_enter(struct bt_model *model, struct bt_bitmap *bitmap, const struct bt_event *ev)
{
	struct bt_ll_bitmap_state *ll = &bitmap->state.own.ll;

	if (ll->workers_nr == BT_LL_WORKERS_MAX)
		ll->workers_unknown = true;
	else
		ll->workers[ll->workers_nr++] = ev->tid;
	return ev->type == BT_UPDATE_SB_ENTER ? bt_update_sb(model, bitmap, ev) : 0;
}

/* All that was not written by now, and by nobody since it changed, was left out. */
int bt_ll_worker_exit(struct bt_model *model, struct bt_bitmap *bitmap, const struct bt_event *ev)
{
	struct bt_ll_bitmap_state *ll = &bitmap->state.own.ll;
	uint32_t i = ll->workers_nr;

	(void)model;
	while (i && ll->workers[i - 1] != ev->tid)
		i--;
	if (i)
		ll->workers[i - 1] = ll->workers[--ll->workers_nr];
	if (!ll->workers_nr)
		ll->pending_nr = 0;
	if (ev->type == BT_UPDATE_SB_EXIT)
		ll->stale_load.seq = ll->stale_filled.seq = 0;
	return 0;
}

int bt_ll_page_write_start(struct bt_model *model, struct bt_bitmap *bitmap,
			   const struct bt_event *ev)
{
	struct bt_ll_bitmap_state *ll = &bitmap->state.own.ll;
	uint32_t first, i, nr = bt_event_blocks(bitmap, ev, &first);

	for (i = 0; i < ll->pending_nr; i++)
		if (ll->pending[i].block - first < nr)
			ll->pending[i--] = ll->pending[--ll->pending_nr];
	return bt_page_io_start(model, bitmap, ev);
}
