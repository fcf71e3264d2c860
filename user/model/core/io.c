// SPDX-License-Identifier: GPL-2.0-only
/* Submissions in flight, of bitmap blocks and of array data. */
#include "model/core/internal.h"

/* Every other event begins or ends one, and they are large: a free list saves the malloc(). */
static struct bt_io *io_take(struct bt_bitmap *bitmap)
{
	struct bt_io *io = bitmap->state.ios_idle;

	if (!io)
		return bt_mem_alloc(bitmap, sizeof(*io));
	bitmap->state.ios_idle = io->next_idle;
	/* The fields after these are set by the caller, or valid only with them. */
	io->data = io->failed = io->in_unplug = false;
	io->unplug_tid = 0;
	io->outstanding = io->block = io->blocks_nr = io->writes_nr = 0;
	io->first = io->nr = 0;
	io->start.seq = 0;
	return io;
}

struct bt_io *bt_io_new(struct bt_bitmap *bitmap, uint64_t key)
{
	struct bt_io *io = io_take(bitmap);

	if (!io)
		return NULL;
	io->key = key;
	HASH_ADD(hh, bitmap->state.ios, key, sizeof(io->key), io);
	return io;
}

void bt_io_drop(struct bt_bitmap *bitmap, struct bt_io *io)
{
	HASH_DEL(bitmap->state.ios, io);
	io->next_idle = bitmap->state.ios_idle;
	bitmap->state.ios_idle = io;
}

void bt_ios_free(struct bt_bitmap *bitmap)
{
	struct bt_io *io, *next;

	HASH_ITER (hh, bitmap->state.ios, io, next)
		bt_io_drop(bitmap, io);
	for (io = bitmap->state.ios_idle; io; io = next) {
		next = io->next_idle;
		bt_mem_free(bitmap, io->writes, io->writes_cap * sizeof(*io->writes));
		bt_mem_free(bitmap, io, sizeof(*io));
	}
	bitmap->state.ios_idle = NULL;
}

const struct bt_io *bt_io_find(const struct bt_bitmap *bitmap, uint64_t key)
{
	const struct bt_io *io;

	HASH_FIND(hh, bitmap->state.ios, &key, sizeof(key), io);
	return io;
}
