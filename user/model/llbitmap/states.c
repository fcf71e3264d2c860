// SPDX-License-Identifier: GPL-2.0-only
/*
 * States of chunks. A chunk is protected in memory from a change on; on disk it is so when a write
 * of its block that began after the change has ended. Clean is not written back: a chunk that
 * became unprotected in memory is still protected on disk until a write of its block begins,
 * and one that is protected again before that never was without.
 */
#include <errno.h>
#include <string.h>

#include "model/llbitmap/handlers.h"

const char *bt_ll_state_name(unsigned int name)
{
	static const char *const names[BT_LL_STATES] = {
		[BT_LL_UNWRITTEN] = "Unwritten",
		[BT_LL_CLEAN] = "Clean",
		[BT_LL_DIRTY] = "Dirty",
		[BT_LL_NEED_SYNC] = "NeedSync",
		[BT_LL_SYNCING] = "Syncing",
		[BT_LL_NEED_SYNC_UNWRITTEN] = "NeedSyncUnwritten",
		[BT_LL_SYNCING_UNWRITTEN] = "SyncingUnwritten",
		[BT_LL_CLEAN_UNWRITTEN] = "CleanUnwritten",
	};

	return name < BT_LL_STATES ? names[name] : "no state";
}

bool bt_ll_name(const struct bt_bitmap *bitmap, uint8_t number, unsigned int *name)
{
	const struct bt_ll_kernel *ll = &bitmap->ll_kernel;

	if (!ll->named)
		return false;
	for (*name = 0; *name < BT_LL_STATES; (*name)++)
		if (number != BT_LL_NO_NAME && ll->states[*name] == number)
			return true;
	*name = BT_LL_OTHER - 1;
	return true;
}

bool bt_ll_protects(unsigned int name)
{
	/* A byte that is no state becomes NeedSync when it is looked at. */
	return name == BT_LL_DIRTY || name == BT_LL_NEED_SYNC || name == BT_LL_SYNCING ||
	       name == BT_LL_OTHER - 1;
}

bool bt_ll_action_is(const struct bt_bitmap *bitmap, uint8_t number, enum bt_ll_action action)
{
	const struct bt_ll_kernel *ll = &bitmap->ll_kernel;

	return ll->named && number != BT_LL_NO_NAME && ll->actions[action] == number;
}

int bt_ll_names(struct bt_model *model, struct bt_bitmap *bitmap, const struct bt_event *ev)
{
	struct bt_ll_kernel *ll = &bitmap->ll_kernel;

	(void)model;
	memcpy(ll->states, ev->ll_names.states, sizeof(ll->states));
	memcpy(ll->actions, ev->ll_names.actions, sizeof(ll->actions));
	ll->named = true;
	return 0;
}

int bt_ll_table(struct bt_model *model, struct bt_bitmap *bitmap, const struct bt_event *ev)
{
	struct bt_ll_kernel *ll = &bitmap->ll_kernel;
	uint8_t nr = ev->ll_row.nr;

	(void)model;
	if (ev->ll_row.state >= BT_LL_ROWS_MAX || nr > sizeof(ev->ll_row.next))
		return 0;
	memcpy(ll->table[ev->ll_row.state], ev->ll_row.next, nr);
	ll->table_actions[ev->ll_row.state] = nr;
	return 0;
}

/* ---- changes -------------------------------------------------------------------------- */

uint64_t bt_ll_cleared_seq(const struct bt_chunk *chunk)
{
	return (uint64_t)chunk->own.ll.cleared_high << 32 | chunk->own.ll.cleared_low;
}

bool bt_ll_still_on_disk(const struct bt_bitmap *bitmap, const struct bt_chunk *chunk,
			 uint64_t index)
{
	const struct bt_block *block = bt_block_find(bitmap, bt_block_of_chunk(bitmap, index));

	return chunk->own.ll.kept && (!block || block->start_seq < bt_ll_cleared_seq(chunk));
}

static void become_protected(struct bt_model *model, struct bt_bitmap *bitmap, uint64_t index,
			     struct bt_chunk *chunk, unsigned int name, const struct bt_event *ev)
{
	struct bt_block *block = bt_block_known(bitmap, bt_block_of_chunk(bitmap, index));
	bool from_before = bt_ll_still_on_disk(bitmap, chunk, index);

	chunk->own.ll.kept = false;
	if (from_before && chunk->own.ll.kept_origin != BT_LL_FOUND) {
		chunk->state = bt_ll_state_of(name, (enum bt_ll_origin)chunk->own.ll.kept_origin);
		return;
	}
	chunk->state = bt_ll_state_of(name, BT_LL_CHANGED);
	bt_event_ref_set(&chunk->set, model->seq, ev);
	chunk->set_from_seq = bt_ll_changed_from(bitmap, model->seq);
	/* Of a block that nobody has marked no unplug can promise anything. */
	if (!block || !(ev->ll_state.flags & (BT_LL_OWN | BT_LL_BLOCK_MARKED)))
		return;
	block->set = chunk->set;
	block->set_from_seq = chunk->set_from_seq;
}

static void note_cleared(const struct bt_model *model, struct bt_chunk *chunk)
{
	chunk->own.ll.cleared_low = (uint32_t)model->seq;
	chunk->own.ll.cleared_high = (uint32_t)(model->seq >> 32);
}

static void become_unprotected(struct bt_model *model, struct bt_bitmap *bitmap, uint64_t index,
			       struct bt_chunk *chunk, unsigned int name, const struct bt_event *ev)
{
	struct bt_block *block = bt_block_known(bitmap, bt_block_of_chunk(bitmap, index));

	chunk->own.ll.kept_origin = chunk->state >> 4;
	/* A write under way may still take the byte as it is now. */
	chunk->own.ll.kept = !bt_block_in_flight(block);
	note_cleared(model, chunk);
	chunk->state = bt_ll_state_of(name, BT_LL_CHANGED);
	chunk->needed = BT_NEEDED_NOT; /* whatever kept it, keeps it no more */
	if (block)
		bt_event_ref_set(&block->clear, model->seq, ev);
}

/* One unprotected state after another: what the disk has is as old as the first of them. */
static void stay_unprotected(struct bt_model *model, struct bt_chunk *chunk, unsigned int name)
{
	if (!chunk->own.ll.kept)
		note_cleared(model, chunk);
	chunk->state = bt_ll_state_of(name, BT_LL_CHANGED);
}

/* What keeps a chunk that was written while degraded: see degraded-keeps-bits. */
static void follow_resync(struct bt_model *model, struct bt_chunk *chunk, unsigned int from,
			  unsigned int name)
{
	if (name == BT_LL_SYNCING) {
		chunk->start_sync_seq = model->seq;
		if (chunk->needed == BT_NEEDED)
			chunk->needed = BT_NEEDED_RESYNC;
		else if (chunk->needed == BT_NEEDED_SYNCED)
			chunk->needed = BT_NEEDED_NOT;
	} else if (from == BT_LL_SYNCING && name == BT_LL_DIRTY) {
		chunk->needed = BT_NEEDED_SYNCED;
	} else if (chunk->needed == BT_NEEDED_RESYNC && name == BT_LL_NEED_SYNC) {
		chunk->needed = BT_NEEDED;
	}
}

/* The state before, as far as it is known: the model's own, or what the probe reported last. */
static uint8_t state_before(const struct bt_bitmap *bitmap, const struct bt_chunk *chunk,
			    const struct bt_event *ev)
{
	unsigned int name;

	if (chunk->state != BT_LL_STATE_NOT_KNOWN || ev->ll_state.before == BT_LL_NO_NAME ||
	    !bt_ll_name(bitmap, ev->ll_state.before, &name))
		return chunk->state;
	return bt_ll_state_of(name, BT_LL_FOUND);
}

static void change(struct bt_model *model, struct bt_bitmap *bitmap, uint64_t index,
		   struct bt_chunk *chunk, unsigned int name, const struct bt_event *ev)
{
	uint8_t before = state_before(bitmap, chunk, ev);

	if (before == BT_LL_STATE_NOT_KNOWN) {
		chunk->state = bt_ll_state_of(name, BT_LL_FOUND);
		return;
	}
	chunk->state = before;
	follow_resync(model, chunk, bt_ll_name_of(before), name);
	if (bt_ll_name_of(before) == name)
		return; /* two have seen the same change */
	if (!bt_ll_protects(name) && bt_ll_protects(bt_ll_name_of(before)))
		become_unprotected(model, bitmap, index, chunk, name, ev);
	else if (bt_ll_protects(name) && !bt_ll_protects(bt_ll_name_of(before)))
		become_protected(model, bitmap, index, chunk, name, ev);
	else if (bt_ll_protects(name))
		chunk->state = bt_ll_state_of(name, (enum bt_ll_origin)(before >> 4));
	else
		stay_unprotected(model, chunk, name);
}

static bool given_to_other(const struct bt_bitmap *bitmap, const struct bt_event *ev)
{
	const struct bt_ll_bitmap_state *ll = &bitmap->state.own.ll;
	uint64_t last = ev->ll_state.chunk + ev->ll_state.chunks - 1;
	uint32_t i;

	for (i = 0; i < ll->calls_nr; i++)
		if (ll->calls[i].tid != ev->tid && ll->calls[i].first <= last &&
		    ll->calls[i].last >= ev->ll_state.chunk)
			return true;
	return false;
}

bool bt_ll_is_infection(const struct bt_bitmap *bitmap, const struct bt_event *ev)
{
	const struct bt_chunk *chunk = bt_chunk_find(bitmap, ev->ll_state.chunk);
	uint8_t state = bt_chunk_state(bitmap, chunk, ev->ll_state.chunk);
	unsigned int before, after;

	if (ev->ll_state.flags & (BT_LL_OWN | BT_LL_RESHAPE) ||
	    ev->ll_state.action >= BT_LL_BY_LOAD || ev->ll_state.before == BT_LL_NO_NAME ||
	    !bt_ll_name(bitmap, ev->ll_state.before, &before) ||
	    !bt_ll_name(bitmap, ev->ll_state.after, &after))
		return false;
	if (state != BT_LL_STATE_NOT_KNOWN && bt_ll_protects(bt_ll_name_of(state)))
		return false;
	return !bt_ll_protects(before) && bt_ll_protects(after) && !given_to_other(bitmap, ev);
}

/* Infection that nobody has marked: it is so, or a worker is about to write the block. */
static void note_pending(struct bt_model *model, struct bt_bitmap *bitmap,
			 const struct bt_event *ev)
{
	struct bt_ll_bitmap_state *ll = &bitmap->state.own.ll;

	if (ev->ll_state.flags & BT_LL_BLOCK_MARKED || !bt_ll_is_infection(bitmap, ev) ||
	    !bt_ll_workers_active(bitmap) || ll->pending_nr == BT_LL_PENDING_MAX)
		return;
	ll->pending[ll->pending_nr].block = bt_block_of_chunk(bitmap, ev->ll_state.chunk);
	bt_event_ref_set(&ll->pending[ll->pending_nr++].change, model->seq, ev);
}

/* The chunks of the run that the bitmap has. */
static uint64_t run_end(const struct bt_bitmap *bitmap, const struct bt_event *ev)
{
	uint64_t chunks = bitmap->geometry.geometry.chunks, first = ev->ll_state.chunk;

	if (!bitmap->described || first >= chunks)
		return first;
	return ev->ll_state.chunks < chunks - first ? first + ev->ll_state.chunks : chunks;
}

int bt_ll_changed(struct bt_model *model, struct bt_bitmap *bitmap, const struct bt_event *ev)
{
	uint64_t i = ev->ll_state.chunk, end = run_end(bitmap, ev);
	struct bt_chunk *chunk;
	unsigned int name;

	if (ev->ll_state.action >= BT_LL_BY_LOAD)
		return bt_ll_found(bitmap, ev);
	if (!bt_ll_name(bitmap, ev->ll_state.after, &name) || end - i > BT_CHUNKS_PER_EVENT_MAX)
		return 0;
	note_pending(model, bitmap, ev);
	if (end > i && !bt_block_get(bitmap, bt_block_of_chunk(bitmap, i)))
		return -ENOMEM;
	for (; i < end; i++) {
		chunk = bt_chunk_get(bitmap, i);
		if (!chunk)
			return -ENOMEM;
		change(model, bitmap, i, chunk, name, ev);
	}
	if (bt_ll_action_is(bitmap, ev->ll_state.action, BT_LL_DISCARD))
		bitmap->state.own.ll.discard_seq = model->seq;
	return 0;
}
