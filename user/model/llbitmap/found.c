// SPDX-License-Identifier: GPL-2.0-only
/* Bytes as a load has read them, or as they were in memory when the bitmap was met: runs. */
#include <errno.h>

#include "model/llbitmap/handlers.h"

void bt_ll_found_free(struct bt_bitmap *bitmap)
{
	struct bt_ll_bitmap_state *ll = &bitmap->state.own.ll;

	bt_mem_free(bitmap, ll->runs, ll->runs_cap * sizeof(*ll->runs));
	ll->runs = NULL;
	ll->runs_nr = ll->runs_cap = 0;
}

/* What was touched before, and of which nothing is known. */
static void found_touched(struct bt_bitmap *bitmap, const struct bt_ll_run *run)
{
	struct bt_chunk_group *group;
	uint64_t index;
	unsigned int i;

	for (group = bitmap->state.groups; group; group = group->next)
		for (i = 0; i < BT_GROUP_CHUNKS; i++) {
			index = group->index * BT_GROUP_CHUNKS + i;
			if (index >= run->chunk && index - run->chunk < run->chunks &&
			    group->chunks[i].state == BT_LL_STATE_NOT_KNOWN)
				group->chunks[i].state = run->state;
		}
}

int bt_ll_found(struct bt_bitmap *bitmap, const struct bt_event *ev)
{
	struct bt_ll_bitmap_state *ll = &bitmap->state.own.ll;
	const struct bt_ll_run *last = ll->runs_nr ? &ll->runs[ll->runs_nr - 1] : NULL;
	bool on_disk = ev->ll_state.action == BT_LL_BY_LOAD;
	struct bt_ll_run *grown;
	unsigned int name;

	if (!bt_ll_name(bitmap, ev->ll_state.after, &name))
		return 0;
	/* Out of order, or more than the bitmap has: no record of ours. */
	if (!ev->ll_state.chunks || ev->ll_state.chunk > UINT64_MAX - ev->ll_state.chunks ||
	    (last && ev->ll_state.chunk < last->chunk + last->chunks) ||
	    ll->runs_nr == BT_RUNS_MAX) {
		bitmap->state.overflow = true;
		return 0;
	}
	grown = bt_mem_grow(bitmap, ll->runs, ll->runs_nr, &ll->runs_cap, sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	ll->runs = grown;
	ll->runs[ll->runs_nr] = (struct bt_ll_run){
		.chunk = ev->ll_state.chunk,
		.chunks = ev->ll_state.chunks,
		.state = bt_ll_state_of(name, on_disk ? BT_LL_ON_DISK : BT_LL_FOUND),
	};
	found_touched(bitmap, &ll->runs[ll->runs_nr++]);
	return 0;
}

uint8_t bt_ll_found_state(const struct bt_bitmap *bitmap, uint64_t chunk)
{
	const struct bt_ll_bitmap_state *ll = &bitmap->state.own.ll;
	uint32_t low = 0, high = ll->runs_nr, middle;
	const struct bt_ll_run *run;

	/* The last run that begins at or before the chunk is at low - 1. */
	while (low < high) {
		middle = low + (high - low) / 2;
		if (ll->runs[middle].chunk <= chunk)
			low = middle + 1;
		else
			high = middle;
	}
	if (!low)
		return BT_LL_STATE_NOT_KNOWN;
	run = &ll->runs[low - 1];
	return chunk - run->chunk < run->chunks ? run->state : BT_LL_STATE_NOT_KNOWN;
}
