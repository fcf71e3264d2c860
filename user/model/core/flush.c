// SPDX-License-Identifier: GPL-2.0-only
/*
 * Volatile write caches: a completed page write is durable at once if it was FUA or the disk
 * has no such cache. Otherwise it is durable when every device it went to was flushed by a
 * flush that began after it had completed.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "model/core/internal.h"

void bt_flush_write_done(struct bt_block *block, const struct bt_page_write *write)
{
	struct bt_unflushed *entry;

	if (!write->volatile_nr) {
		if (write->start.seq > block->durable_seq)
			block->durable_seq = write->start.seq;
		return;
	}
	/* Keep the newest: rules refer to these. */
	if (block->unflushed_nr == BT_UNFLUSHED_MAX) {
		block->evicted_seq = block->unflushed[0].start_seq;
		memmove(block->unflushed, block->unflushed + 1,
			--block->unflushed_nr * sizeof(*block->unflushed));
	}
	entry = &block->unflushed[block->unflushed_nr++];
	entry->start_seq = write->start.seq;
	entry->end_seq = write->end_seq;
	entry->devs_nr = write->volatile_nr;
	memcpy(entry->devs, write->volatile_devs, sizeof(entry->devs));
}

/* The entry no longer waits for this device. */
static void flushed(struct bt_unflushed *entry, uint32_t dev)
{
	uint8_t i;

	for (i = 0; i < entry->devs_nr; i++)
		if (entry->devs[i] == dev)
			entry->devs[i--] = entry->devs[--entry->devs_nr];
}

/* The task may still add to a page write whose submissions have ended: those are flushed, too. */
static void write_flushed(struct bt_page_write *write, uint32_t dev, uint64_t since)
{
	uint8_t i;

	if (write->in_flight || !write->end_seq || write->end_seq >= since)
		return;
	for (i = 0; i < write->volatile_nr; i++)
		if (write->volatile_devs[i] == dev)
			write->volatile_devs[i--] = write->volatile_devs[--write->volatile_nr];
}

static void page_flushed(struct bt_block *block, uint32_t dev, uint64_t since)
{
	uint8_t i, kept = 0;
	uint32_t n;

	for (n = 0; n < block->writes_nr; n++)
		write_flushed(&block->writes[n], dev, since);

	for (i = 0; i < block->unflushed_nr; i++) {
		struct bt_unflushed *entry = &block->unflushed[i];

		if (entry->end_seq < since)
			flushed(entry, dev);
		if (entry->devs_nr)
			block->unflushed[kept++] = *entry;
		else if (entry->start_seq > block->durable_seq)
			block->durable_seq = entry->start_seq;
	}
	block->unflushed_nr = kept;
}

static struct bt_flush *find(const struct bt_model *model, uint64_t bio)
{
	struct bt_flush *flush;

	HASH_FIND(hh, model->flushes, &bio, sizeof(bio), flush);
	return flush;
}

static void drop(struct bt_model *model, struct bt_flush *flush)
{
	HASH_DEL(model->flushes, flush);
	free(flush);
}

int bt_flush_start(struct bt_model *model, const struct bt_event *ev)
{
	struct bt_flush *flush = find(model, ev->flush.bio);

	if (!flush) {
		if (HASH_COUNT(model->flushes) >= BT_FLUSHES_MAX) {
			bt_flushes_free(model);
			model->given_up++;
		}
		flush = calloc(1, sizeof(*flush));
		if (!flush)
			return -ENOMEM;
		flush->bio = ev->flush.bio;
		HASH_ADD(hh, model->flushes, bio, sizeof(flush->bio), flush);
	}
	flush->start_seq = model->seq;
	flush->dev = ev->flush.dev;
	return 0;
}

void bt_flush_end(struct bt_model *model, const struct bt_event *ev)
{
	struct bt_flush *flush = find(model, ev->flush.bio);
	struct bt_bitmap *bitmap, *next;
	struct bt_block *block, *next_block;

	if (!flush)
		return;
	if (!ev->status)
		HASH_ITER (hh, model->bitmaps, bitmap, next)
			HASH_ITER (hh, bitmap->state.blocks, block, next_block)
				page_flushed(block, flush->dev, flush->start_seq);
	drop(model, flush);
}

void bt_flushes_free(struct bt_model *model)
{
	struct bt_flush *flush, *next;

	HASH_ITER (hh, model->flushes, flush, next)
		drop(model, flush);
}

void bt_flush_forget(struct bt_bitmap *bitmap)
{
	struct bt_block *block, *next;

	HASH_ITER (hh, bitmap->state.blocks, block, next) {
		block->evicted_seq = block->start_seq;
		block->unflushed_nr = 0;
	}
}
