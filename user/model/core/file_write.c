// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bitmap files in the page cache: pages marked dirty, the bios of a writeback, and errors that
 * a file system records in the mapping.
 */
#include <errno.h>

#include "model/core/internal.h"

const struct bt_page_write *bt_block_writeback(const struct bt_block *block)
{
	uint32_t i;

	for (i = block ? block->writes_nr : 0; i > 0; i--)
		if (block->writes[i - 1].in_flight &&
		    block->writes[i - 1].start.ev.page.backend == BT_BACKEND_PAGECACHE)
			return &block->writes[i - 1];
	return NULL;
}

int bt_page_dirty(struct bt_model *model, struct bt_bitmap *bitmap, const struct bt_event *ev)
{
	uint32_t first, n, nr = bt_event_blocks(bitmap, ev, &first);
	struct bt_block *block;

	bitmap->backend = BT_BACKEND_PAGECACHE;
	for (n = 0; n < nr; n++) {
		block = bt_block_get(bitmap, first + n);
		if (!block)
			return -ENOMEM;
		bt_event_ref_set(&block->dirty, model->seq, ev);
	}
	return 0;
}

/* It is certain to be written, though not by whom it was left to a worker. */
int bt_page_queued(struct bt_model *model, struct bt_bitmap *bitmap, const struct bt_event *ev)
{
	uint32_t first, n, nr = bt_event_blocks(bitmap, ev, &first);
	struct bt_block *block;

	for (n = 0; n < nr; n++) {
		block = bt_block_get(bitmap, first + n);
		if (!block)
			return -ENOMEM;
		block->queued_seq = model->seq;
		if (bt_unplug_find(bitmap, ev->tid))
			block->queued_tid = ev->tid;
	}
	return 0;
}

int bt_page_bio(struct bt_model *model, struct bt_bitmap *bitmap, const struct bt_event *ev)
{
	uint32_t first, n, nr = bt_event_blocks(bitmap, ev, &first);
	struct bt_page_write *write;

	(void)model;
	for (n = 0; n < nr; n++) {
		write = (struct bt_page_write *)bt_block_writeback(
			bt_block_find(bitmap, first + n));
		if (!write)
			continue;
		if (!write->bio_dev)
			write->bio_dev = ev->page.dev;
		/* A file system that keeps copies writes them elsewhere, too. */
		if (write->bio_dev == ev->page.dev)
			write->bytes += bt_block_bytes_of(bitmap, ev->page.bytes, n);
		bt_page_write_cache(write, ev);
	}
	return 0;
}

void bt_file_write_ended(struct bt_model *model, struct bt_bitmap *bitmap, struct bt_block *block,
			 struct bt_page_write *write, const struct bt_event *ev)
{
	uint32_t need = bt_block_bytes(bitmap, block->index);

	if (write->start.ev.page.backend != BT_BACKEND_PAGECACHE || write->failed ||
	    write->bytes >= need)
		return;
	write->without_bio = true;
	if (!block->without_bio.seq)
		bitmap->state.without_bio_nr++;
	bt_event_ref_set(&block->without_bio, model->seq, ev);
}

static void file_write_excused(struct bt_bitmap *bitmap, struct bt_block *block)
{
	if (!block->without_bio.seq)
		return;
	block->without_bio.seq = 0;
	bitmap->state.without_bio_nr--;
}

/*
 * A file system may end a writeback and only then record that it failed (btrfs, when it refuses
 * a page). The error does not name the page, so all writes that the same thread has ended
 * within its current filemap_fdatawrite count as failed. Writes that are in flight when the
 * error comes fail when they end (bt_page_io_end).
 */
int bt_page_writeback_error(struct bt_model *model, struct bt_bitmap *bitmap,
			    const struct bt_event *ev)
{
	const struct bt_task *task = bt_task_find(bitmap, ev->tid);
	struct bt_block *block, *next;

	bitmap->state.write_error_seq = model->seq;
	if (!task || !task->writeback.seq)
		return 0;
	HASH_ITER (hh, bitmap->state.blocks, block, next) {
		if (block->end.ev.tid != ev->tid || block->end.seq < task->writeback.seq)
			continue;
		block->done_seq = block->done_before_seq;
		file_write_excused(bitmap, block); /* the error is recorded */
	}
	return 0;
}
