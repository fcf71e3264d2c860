// SPDX-License-Identifier: GPL-2.0-only
/*
 * What keeps the bit of a chunk set that was written while the array was degraded: NEEDED from
 * bitmap_endwrite on, RESYNC from bitmap_start_sync on, until the resync ends without error.
 */
#include <errno.h>

#include "model/classic/handlers.h"

/*
 * Degraded at the entry and at the exit of bitmap_endwrite. A start_sync emitted in between may
 * have run before or after NEEDED was set; that is not known. A member that failed in between
 * may have degraded an array that had become complete.
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
		chunk->own.classic.kept = BT_KEPT_MAYBE; /* degraded at its entry or since */
		if (chunk->end_degraded && chunk->start_sync_seq < chunk->end_seq &&
		    !bt_member_failed_since(bitmap, chunk->end_seq) &&
		    bt_chunk_need(model, bitmap, chunk, ev))
			return -ENOMEM;
	}
	return 0;
}

/* The chunks of a block that a range touches: from, to; none if from > to. */
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

int bt_sync_stretch(struct bt_model *model, struct bt_bitmap *bitmap, const struct bt_event *ev)
{
	struct bt_chunk_group *group;
	uint64_t first, last, from, to;

	if (!bt_range_chunks(bitmap, ev->sync.sector, ev->sync.sectors, &first, &last))
		return 0;
	for (group = bitmap->state.groups; group; group = group->next) {
		clip(group, first, last, &from, &to);
		for (; from <= to; from++)
			chunk_synced(&group->chunks[from], ev, model->seq);
	}
	return 0;
}
