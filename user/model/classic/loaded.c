// SPDX-License-Identifier: GPL-2.0-only
/* The bits as md_bitmap_init_from_disk has read them: runs of set bits, the rest is clear. */
#include <errno.h>

#include "model/classic/handlers.h"

void bt_loaded_free(struct bt_bitmap *bitmap)
{
	bt_mem_free(bitmap, bitmap->state.own.classic.loaded,
		    bitmap->state.own.classic.loaded_cap *
			    sizeof(*bitmap->state.own.classic.loaded));
	bitmap->state.own.classic.loaded = NULL;
	bitmap->state.own.classic.loaded_nr = bitmap->state.own.classic.loaded_cap = 0;
}

int bt_loaded_add(struct bt_model *model, struct bt_bitmap *bitmap, const struct bt_event *ev)
{
	const struct bt_loaded_run *last =
		bitmap->state.own.classic.loaded_nr
			? &bitmap->state.own.classic.loaded[bitmap->state.own.classic.loaded_nr - 1]
			: NULL;
	struct bt_loaded_run *grown;

	(void)model;
	/* Out of order, or beyond the bitmap: a damaged record. */
	if (!ev->run.chunks || ev->run.chunk > UINT64_MAX - ev->run.chunks ||
	    (last && ev->run.chunk < last->chunk + last->chunks) ||
	    bitmap->state.own.classic.loaded_nr == BT_RUNS_MAX) {
		bitmap->state.overflow = true;
		return 0;
	}
	grown = bt_mem_grow(bitmap, bitmap->state.own.classic.loaded,
			    bitmap->state.own.classic.loaded_nr,
			    &bitmap->state.own.classic.loaded_cap, sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	bitmap->state.own.classic.loaded = grown;
	bitmap->state.own.classic.loaded[bitmap->state.own.classic.loaded_nr++] =
		(struct bt_loaded_run){
			.chunk = ev->run.chunk,
			.chunks = ev->run.chunks,
			.unknown = ev->run.unknown,
		};
	return 0;
}

enum bt_bit bt_loaded_bit(const struct bt_bitmap *bitmap, uint64_t chunk)
{
	uint32_t low = 0, high = bitmap->state.own.classic.loaded_nr, middle;
	const struct bt_loaded_run *run;

	/* The last run that begins at or before the chunk is at low - 1. */
	while (low < high) {
		middle = low + (high - low) / 2;
		if (bitmap->state.own.classic.loaded[middle].chunk <= chunk)
			low = middle + 1;
		else
			high = middle;
	}
	if (!low)
		return BT_BIT_CLEAR;
	run = &bitmap->state.own.classic.loaded[low - 1];
	if (chunk - run->chunk >= run->chunks)
		return BT_BIT_CLEAR;
	return run->unknown ? BT_BIT_UNKNOWN : BT_BIT_LOADED;
}
