// SPDX-License-Identifier: GPL-2.0-only
/*
 * Records are missing: the state that they may have changed is unknown now. State that depends
 * on other types is kept, and judged as if nothing had been lost.
 */
#include "model/core/internal.h"

bt_type_set bt_lost_types(const struct bt_event *ev)
{
	bt_type_set types = bt_type_set_of(ev->lost.types);

	return types ? types : BT_TYPES_ALL;
}

static void forget_data(struct bt_bitmap *bitmap)
{
	struct bt_chunk_group *group;
	struct bt_io *io, *next_io;
	unsigned int i;

	HASH_ITER (hh, bitmap->state.ios, io, next_io)
		if (io->data)
			bt_io_drop(bitmap, io);
	for (group = bitmap->state.groups; group; group = group->next)
		for (i = 0; i < BT_GROUP_CHUNKS; i++)
			group->chunks[i].data_in_flight = 0;
	bitmap->state.data_ends = false;
}

static void forget_counters(struct bt_bitmap *bitmap)
{
	struct bt_chunk_group *group;
	struct bt_chunk *chunk;
	unsigned int i;

	for (group = bitmap->state.groups; group; group = group->next)
		for (i = 0; i < BT_GROUP_CHUNKS; i++) {
			chunk = &group->chunks[i];
			chunk->writers = 0;
			chunk->end_seq = 0;
			chunk->end_degraded = false;
			chunk->needed = BT_NEEDED_NOT;
			chunk->start_sync_seq = 0;
		}
	bitmap->state.counters_forgotten = true;
	if (bitmap->ops)
		bitmap->ops->forget_counters(bitmap);
}

static void forget_super(struct bt_bitmap *bitmap)
{
	struct bt_task *task, *next;

	HASH_ITER (hh, bitmap->state.tasks, task, next)
		task->update_sb.seq = 0;
	bitmap->state.sb_updated.seq = 0;
	bt_super_forget(bitmap);
}

void bt_model_lost(struct bt_model *model, const struct bt_event *ev)
{
	bt_type_set types = bt_lost_types(ev);
	struct bt_bitmap *bitmap, *next;

	if (types & BT_TYPES_CORE) {
		bt_model_forget(model);
		return;
	}
	HASH_ITER (hh, model->bitmaps, bitmap, next) {
		if (types & BT_TYPES_DATA)
			forget_data(bitmap);
		if (types & BT_TYPES_COUNTERS)
			forget_counters(bitmap);
		if (types & BT_TYPES_SUPER)
			forget_super(bitmap);
		if (types & BT_TYPES_FLUSH)
			bt_flush_forget(bitmap);
	}
	if (types & BT_TYPES_FLUSH)
		bt_flushes_free(model);
}
