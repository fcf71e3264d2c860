// SPDX-License-Identifier: GPL-2.0-only
/*
 * What keeps the bit of a chunk that was written while the array was degraded:
 * NEEDED from bitmap_endwrite on, RESYNC from bitmap_start_sync on, until the
 * stretch ends in sync. And what the personalities made of failed members.
 */
#include <errno.h>
#include <stdlib.h>

#include "model/core/internal.h"

static int need(struct bt_model *model, struct bt_bitmap *bitmap, struct bt_chunk *chunk,
		const struct bt_event *ev)
{
	if (!chunk->ended)
		chunk->ended = bt_mem_alloc(bitmap, sizeof(*chunk->ended));
	if (!chunk->ended)
		return -ENOMEM;
	bt_event_ref_set(chunk->ended, model->seq, ev);
	chunk->needed = BT_NEEDED;
	return 0;
}

void bt_chunk_not_ended(struct bt_bitmap *bitmap, struct bt_chunk *chunk)
{
	if (!chunk->ended)
		return;
	bt_mem_free(bitmap, chunk->ended, sizeof(*chunk->ended));
	chunk->ended = NULL;
}

/* The array may have become whole meanwhile, and degraded again by this error. */
static bool failed_since(const struct bt_bitmap *bitmap, uint64_t seq)
{
	uint32_t i;

	for (i = 0; i < bitmap->members_nr; i++)
		if (bitmap->members[i].error.seq > seq)
			return true;
	return false;
}

/*
 * Degraded at the entry and at the exit of bitmap_endwrite. A start_sync told
 * in between may have come before NEEDED or after; then we cannot say.
 */
int bt_sync_endwrite_exit(struct bt_model *model, struct bt_bitmap *bitmap,
			  const struct bt_event *ev)
{
	uint64_t first, last, i;
	struct bt_chunk *chunk;

	if (!bt_write_chunks(bitmap, ev, &first, &last))
		return 0;
	for (i = first; i <= last; i++) {
		chunk = bt_chunk_get(bitmap, i);
		if (!chunk)
			return -ENOMEM;
		if (chunk->end_degraded && chunk->start_sync_seq < chunk->end_seq &&
		    !failed_since(bitmap, chunk->end_seq) && need(model, bitmap, chunk, ev))
			return -ENOMEM;
	}
	return 0;
}

/* Those chunks of a block that a range touches: from, to; none when from > to. */
static void clip(const struct bt_chunk_group *group, uint64_t first, uint64_t last, uint64_t *from,
		 uint64_t *to)
{
	uint64_t base = group->index * BT_GROUP_CHUNKS;

	*from = first > base ? first - base : 0;
	*to = last >= base ? last - base : 0;
	if (last < base)
		*from = 1;
	if (*to >= BT_GROUP_CHUNKS)
		*to = BT_GROUP_CHUNKS - 1;
}

static void chunk_synced(struct bt_chunk *chunk, const struct bt_event *ev, uint64_t seq)
{
	if (ev->type == BT_START_SYNC) {
		chunk->start_sync_seq = seq;
		if (chunk->needed == BT_NEEDED)
			chunk->needed = BT_NEEDED_RESYNC;
	} else if (chunk->needed == BT_NEEDED_RESYNC) {
		chunk->needed = ev->sync.aborted ? BT_NEEDED : BT_NEEDED_NOT;
	}
}

void bt_sync_stretch(struct bt_model *model, struct bt_bitmap *bitmap, const struct bt_event *ev)
{
	struct bt_chunk_group *group;
	uint64_t first, last, from, to;

	if (!bt_range_chunks(bitmap, ev->sync.sector, ev->sync.sectors, &first, &last))
		return;
	for (group = bitmap->groups; group; group = group->next) {
		clip(group, first, last, &from, &to);
		for (; from <= to; from++)
			chunk_synced(&group->chunks[from], ev, model->seq);
	}
}

void bt_members_free(struct bt_bitmap *bitmap)
{
	bt_mem_free(bitmap, bitmap->members, bitmap->members_cap * sizeof(*bitmap->members));
	bitmap->members = NULL;
	bitmap->members_nr = bitmap->members_cap = 0;
}

int bt_member_failed(struct bt_model *model, struct bt_bitmap *bitmap, const struct bt_event *ev)
{
	struct bt_member *grown;
	uint32_t i;

	for (i = 0; i < bitmap->members_nr; i++) {
		if (bitmap->members[i].dev != ev->member_error.dev)
			continue;
		bt_event_ref_set(&bitmap->members[i].error, model->seq, ev);
		return 0;
	}
	if (bitmap->members_nr == BT_MEMBERS_MAX) {
		bitmap->overflow = true;
		return 0;
	}
	grown = bt_mem_grow(bitmap, bitmap->members, bitmap->members_nr, &bitmap->members_cap,
			    sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	bitmap->members = grown;
	bitmap->members[bitmap->members_nr].dev = ev->member_error.dev;
	bt_event_ref_set(&bitmap->members[bitmap->members_nr++].error, model->seq, ev);
	return 0;
}

const struct bt_member *bt_member_error(const struct bt_bitmap *bitmap, uint32_t dev, uint64_t seq)
{
	uint32_t i;

	for (i = 0; i < bitmap->members_nr; i++)
		if (bitmap->members[i].dev == dev && bitmap->members[i].error.seq > seq)
			return &bitmap->members[i];
	return NULL;
}
