// SPDX-License-Identifier: GPL-2.0-only
/*
 * Page writes. One write of a page may be several submissions: one a member
 * for an internal bitmap (write_sb_page), one a block for buffer heads
 * (write_file_page). They are gathered into a page write; the page is on disk when
 * every submission of a page write has ended.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "model/core/internal.h"

const struct bt_block *bt_block_find(const struct bt_bitmap *bitmap, uint32_t page)
{
	const struct bt_block *known;

	HASH_FIND(hh, bitmap->blocks, &page, sizeof(page), known);
	return known;
}

struct bt_block *bt_block_get(struct bt_bitmap *bitmap, uint32_t index)
{
	struct bt_block *block;

	HASH_FIND(hh, bitmap->blocks, &index, sizeof(index), block);
	if (block)
		return block;
	block = bt_mem_alloc(bitmap, sizeof(*block));
	if (!block)
		return NULL;
	block->index = index;
	HASH_ADD(hh, bitmap->blocks, index, sizeof(block->index), block);
	return block;
}

void bt_blocks_free(struct bt_bitmap *bitmap)
{
	struct bt_block *block, *next;

	HASH_ITER (hh, bitmap->blocks, block, next) {
		HASH_DEL(bitmap->blocks, block);
		bt_mem_free(bitmap, block->writes, block->writes_cap * sizeof(*block->writes));
		bt_copies_free(bitmap, block);
		bt_mem_free(bitmap, block, sizeof(*block));
	}
}

/* Every other event begins or ends one, and they are large: worth more than a malloc(). */
static struct bt_io *io_take(struct bt_bitmap *bitmap)
{
	struct bt_io *io = bitmap->ios_idle;

	if (!io)
		return bt_mem_alloc(bitmap, sizeof(*io));
	bitmap->ios_idle = io->next_idle;
	/* What stands behind these is set by who begins, or goes by them. */
	io->data = io->failed = io->in_unplug = false;
	io->outstanding = io->page = io->nr_pages = io->writes_nr = 0;
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
	HASH_ADD(hh, bitmap->ios, key, sizeof(io->key), io);
	return io;
}

void bt_io_drop(struct bt_bitmap *bitmap, struct bt_io *io)
{
	HASH_DEL(bitmap->ios, io);
	io->next_idle = bitmap->ios_idle;
	bitmap->ios_idle = io;
}

void bt_ios_free(struct bt_bitmap *bitmap)
{
	struct bt_io *io, *next;

	HASH_ITER (hh, bitmap->ios, io, next)
		bt_io_drop(bitmap, io);
	for (io = bitmap->ios_idle; io; io = next) {
		next = io->next_idle;
		bt_mem_free(bitmap, io->writes, io->writes_cap * sizeof(*io->writes));
		bt_mem_free(bitmap, io, sizeof(*io));
	}
	bitmap->ios_idle = NULL;
}

const struct bt_io *bt_io_find(const struct bt_bitmap *bitmap, uint64_t key)
{
	const struct bt_io *io;

	HASH_FIND(hh, bitmap->ios, &key, sizeof(key), io);
	return io;
}

uint32_t bt_block_of_chunk(const struct bt_bitmap *bitmap, uint64_t chunk)
{
	uint64_t bit = chunk + (bitmap->geometry.geometry.has_sb ? 256 << 3 : 0);

	return (uint32_t)(bit >> 15); /* PAGE_BIT_SHIFT with pages of 4 KiB */
}

/*
 * An internal bitmap stands on every member: one that failed is thrown out of
 * the array (super_written -> md_error), so one good copy is enough. A file
 * has one copy of each block: all must be good.
 *
 * MAYBE: all that was submitted has ended, but the task may be about to submit
 * more. A page write as large as the last whole one lacks nothing.
 */
static enum bt_tri page_write_good(const struct bt_bitmap *bitmap,
				   const struct bt_page_write *write)
{
	if (write->in_flight || !write->ok)
		return BT_NO;
	if (write->failed && write->start.ev.page.backend != BT_BACKEND_INTERNAL)
		return BT_NO;
	/* A file system may end a writeback that it has sent nowhere. */
	if (write->without_bio)
		return BT_NO;
	if (write->open &&
	    (!bitmap->submissions_last || write->submissions_nr < bitmap->submissions_last))
		return BT_MAYBE;
	return BT_YES;
}

/* Has what was submitted ended well? */
static enum bt_tri page_writes_cover(const struct bt_bitmap *bitmap, const struct bt_block *block,
				     struct bt_window window)
{
	enum bt_tri covers, good;
	uint32_t i;

	if (block->done_seq > window.seq)
		return BT_YES;
	covers = block->done_seq > window.from_seq ? BT_MAYBE : BT_NO;
	for (i = 0; i < block->writes_nr; i++) {
		if (block->writes[i].start.seq <= window.from_seq)
			continue;
		good = page_write_good(bitmap, &block->writes[i]);
		if (good == BT_YES && block->writes[i].start.seq > window.seq)
			return BT_YES;
		if (good != BT_NO)
			covers = BT_MAYBE;
	}
	return covers;
}

enum bt_tri bt_block_covers(const struct bt_bitmap *bitmap, const struct bt_block *block,
			    struct bt_window window)
{
	enum bt_tri writes, copies;

	if (!block)
		return BT_NO;
	writes = page_writes_cover(bitmap, block, window);
	if (writes == BT_NO)
		return BT_NO;
	copies = bt_copies_cover(bitmap, block, window);
	return copies == BT_YES ? writes : copies;
}

bool bt_block_lacks_copy(const struct bt_bitmap *bitmap, const struct bt_block *block,
			 struct bt_window window)
{
	return block && page_writes_cover(bitmap, block, window) != BT_NO &&
	       bt_copies_cover(bitmap, block, window) == BT_NO;
}

enum bt_tri bt_block_durable(const struct bt_bitmap *bitmap, const struct bt_block *block,
			     struct bt_window window)
{
	enum bt_tri durable, good;
	uint32_t i;

	if (block->durable_seq > window.seq)
		return BT_YES;
	durable = block->durable_seq > window.from_seq || block->evicted_seq > window.from_seq
			  ? BT_MAYBE
			  : BT_NO;
	for (i = 0; i < block->writes_nr; i++) {
		if (block->writes[i].start.seq <= window.from_seq || block->writes[i].volatile_nr)
			continue;
		good = page_write_good(bitmap, &block->writes[i]);
		if (good == BT_YES && block->writes[i].start.seq > window.seq)
			return BT_YES;
		if (good != BT_NO)
			durable = BT_MAYBE;
	}
	return durable;
}

/* Of those on the members after one has failed, that one is no part. */
static bool page_write_whole(const struct bt_bitmap *bitmap, const struct bt_page_write *write)
{
	if (write->failed)
		return false;
	return write->start.ev.page.backend != BT_BACKEND_INTERNAL || !bitmap->failure.seq ||
	       write->start.seq < bitmap->failure.seq;
}

enum bt_tri bt_block_whole(const struct bt_bitmap *bitmap, const struct bt_block *block,
			   struct bt_window window)
{
	enum bt_tri whole, good;
	uint32_t i;

	if (!block)
		return BT_NO;
	if (block->whole_seq > window.seq)
		return BT_YES;
	whole = block->whole_seq > window.from_seq ? BT_MAYBE : BT_NO;
	for (i = 0; i < block->writes_nr; i++) {
		if (block->writes[i].start.seq <= window.from_seq ||
		    !page_write_whole(bitmap, &block->writes[i]))
			continue;
		good = page_write_good(bitmap, &block->writes[i]);
		if (good == BT_YES && block->writes[i].start.seq > window.seq)
			return BT_YES;
		if (good != BT_NO)
			whole = BT_MAYBE;
	}
	return whole;
}

const struct bt_page_write *bt_block_begun_by(const struct bt_block *block, uint32_t tid,
					      uint64_t since)
{
	uint32_t i;

	for (i = 0; block && i < block->writes_nr; i++)
		if (block->writes[i].in_flight && block->writes[i].start.ev.tid == tid &&
		    block->writes[i].start.seq > since)
			return &block->writes[i];
	return NULL;
}

uint64_t bt_block_fill_seq(const struct bt_bitmap *bitmap, const struct bt_block *block)
{
	if (block && block->fill_seq > bitmap->init_enter.seq)
		return block->fill_seq;
	return bitmap->init_enter.seq;
}

const struct bt_page_write *bt_block_in_flight(const struct bt_block *block)
{
	unsigned int i;

	for (i = block ? block->writes_nr : 0; i > 0; i--)
		if (block->writes[i - 1].in_flight)
			return &block->writes[i - 1];
	return NULL;
}

static struct bt_page_write *page_write_find(struct bt_block *block, uint64_t id)
{
	unsigned int i;

	for (i = 0; i < block->writes_nr; i++)
		if (block->writes[i].id == id)
			return &block->writes[i];
	return NULL;
}

/* A page write that nobody can add to and that has ended is folded into done_seq. */
static void page_writes_fold(const struct bt_bitmap *bitmap, struct bt_block *block)
{
	uint32_t i, kept = 0;

	for (i = 0; i < block->writes_nr; i++) {
		struct bt_page_write *write = &block->writes[i];

		if (write->open || write->in_flight) {
			if (kept != i)
				block->writes[kept] = *write;
			kept++;
			continue;
		}
		if (page_write_good(bitmap, write) != BT_YES)
			continue;
		/* Also when a newer one was done first: this one may be durable, that one not. */
		bt_flush_write_done(block, write);
		if (page_write_whole(bitmap, write) && write->start.seq > block->whole_seq)
			block->whole_seq = write->start.seq;
		if (write->start.seq > block->done_seq) {
			block->done_before_seq = block->done_seq;
			block->done_seq = write->start.seq;
		}
	}
	block->writes_nr = kept;
}

void bt_page_write_close(struct bt_bitmap *bitmap, struct bt_task *task)
{
	struct bt_block *block;
	struct bt_page_write *write;

	if (!task->open_write)
		return;
	HASH_FIND(hh, bitmap->blocks, &task->open_block, sizeof(task->open_block), block);
	write = block ? page_write_find(block, task->open_write) : NULL;
	task->open_write = 0;
	if (!write)
		return;
	write->open = false;
	bitmap->submissions_last = write->submissions_nr;
	page_writes_fold(bitmap, block);
}

uint64_t bt_submission_target(const struct bt_event *ev)
{
	return ev->page.backend == BT_BACKEND_INTERNAL ? ev->page.dev : ev->page.io;
}

static bool page_write_has_target(const struct bt_page_write *write, uint64_t target)
{
	unsigned int i;

	for (i = 0; i < write->submissions_nr; i++)
		if (write->targets[i] == target)
			return true;
	return false;
}

/* The page write that this submission adds to: the one its task is submitting; or NULL. */
static struct bt_page_write *page_write_continued(const struct bt_bitmap *bitmap,
						  const struct bt_task *task,
						  const struct bt_event *ev)
{
	struct bt_block *block;
	struct bt_page_write *write;

	if (!task->open_write || task->open_block != ev->page.page)
		return NULL;
	HASH_FIND(hh, bitmap->blocks, &task->open_block, sizeof(task->open_block), block);
	write = block ? page_write_find(block, task->open_write) : NULL;
	if (!write || write->submissions_nr == BT_SUBMISSIONS_MAX ||
	    page_write_has_target(write, bt_submission_target(ev)))
		return NULL;
	return write;
}

bool bt_page_write_continues(const struct bt_bitmap *bitmap, const struct bt_task *task,
			     const struct bt_event *ev)
{
	return ev->type == BT_PAGE_WRITE_START && page_write_continued(bitmap, task, ev);
}

static struct bt_page_write *page_write_new(struct bt_model *model, struct bt_bitmap *bitmap,
					    struct bt_block *block, struct bt_task *task,
					    const struct bt_event *ev)
{
	struct bt_page_write *write;

	if (block->writes_nr == BT_PAGE_WRITES_MAX) {
		/* Without this write covered would be told uncovered: give up all. */
		bitmap->overflow = true;
		block->writes_nr = 0;
	}
	write = bt_mem_grow(bitmap, block->writes, block->writes_nr, &block->writes_cap,
			    sizeof(*write));
	if (!write)
		return NULL;
	block->writes = write;
	write = &block->writes[block->writes_nr++];
	memset(write, 0, sizeof(*write));
	write->id = ++bitmap->write_id_last;
	bt_event_ref_set(&write->start, model->seq, ev);
	block->start_seq = model->seq;
	if (block->index == 0)
		bitmap->sb_due.seq = 0;
	/* One writeback is one submission of the folio; nothing to gather. */
	if (ev->page.backend != BT_BACKEND_PAGECACHE) {
		write->open = true;
		task->open_block = block->index;
		task->open_write = write->id;
	}
	return write;
}

/* Whose cache may hold this write when it has ended. */
static void page_write_cache(struct bt_page_write *write, const struct bt_event *ev)
{
	uint8_t i;

	if (ev->page.cache == BT_CACHE_NONE || ev->page.cache == BT_CACHE_FUA || !ev->page.dev)
		return;
	for (i = 0; i < write->volatile_nr; i++)
		if (write->volatile_devs[i] == ev->page.dev)
			return;
	if (write->volatile_nr < BT_SUBMISSIONS_MAX)
		write->volatile_devs[write->volatile_nr++] = ev->page.dev;
}

static int submission_start(struct bt_model *model, struct bt_bitmap *bitmap, struct bt_task *task,
			    const struct bt_event *ev, uint32_t index, uint64_t *id)
{
	struct bt_block *block = bt_block_get(bitmap, index);
	struct bt_page_write *write = NULL;

	if (!block)
		return -ENOMEM;
	if (index == ev->page.page)
		write = page_write_continued(bitmap, task, ev);
	if (!write)
		write = page_write_new(model, bitmap, block, task, ev);
	if (!write)
		return -ENOMEM;
	if (write->submissions_nr < BT_SUBMISSIONS_MAX)
		write->targets[write->submissions_nr++] = bt_submission_target(ev);
	block->buffers = ev->page.backend == BT_BACKEND_BUFFER ? ev->page.blocks : 0;
	page_write_cache(write, ev);
	write->in_flight++;
	*id = write->id;
	return 0;
}

uint32_t bt_event_pages(const struct bt_event *ev)
{
	/* A folio is at most 2 MiB; more is a damaged record. */
	return ev->page.nr_pages && ev->page.nr_pages <= 512 ? ev->page.nr_pages : 1;
}

static struct bt_io *io_get(struct bt_bitmap *bitmap, const struct bt_event *ev)
{
	struct bt_io *io;

	HASH_FIND(hh, bitmap->ios, &ev->page.io, sizeof(ev->page.io), io);
	if (io && (io->data || io->page != ev->page.page)) {
		/* The address was used again; the end of the first was lost. */
		bt_io_drop(bitmap, io);
		io = NULL;
	}
	if (io)
		return io;
	io = bt_io_new(bitmap, ev->page.io);
	if (!io)
		return NULL;
	io->page = ev->page.page;
	io->nr_pages = bt_event_pages(ev);
	return io;
}

int bt_page_io_start(struct bt_model *model, struct bt_bitmap *bitmap, const struct bt_event *ev)
{
	struct bt_task *task = bt_task_get(bitmap, ev->tid);
	struct bt_io *io = io_get(bitmap, ev);
	uint64_t first = 0, id, *writes;
	uint32_t i;

	if (!task || !io)
		return -ENOMEM;
	io->outstanding++;
	io->in_unplug = bt_unplug_find(bitmap, ev->tid) != NULL;
	bt_event_ref_set(&io->start, model->seq, ev);
	if (ev->type == BT_PAGE_READ_START)
		return 0;
	for (i = 0; i < io->nr_pages; i++) {
		if (submission_start(model, bitmap, task, ev, io->page + i, &id))
			return -ENOMEM;
		if (i == 0)
			first = id;
	}
	if (io->writes_nr == BT_PAGE_WRITES_MAX) {
		bitmap->overflow = true;
		return 0;
	}
	writes = bt_mem_grow(bitmap, io->writes, io->writes_nr, &io->writes_cap, sizeof(*writes));
	if (!writes)
		return -ENOMEM;
	io->writes = writes;
	io->writes[io->writes_nr++] = first;
	return 0;
}

uint32_t bt_block_bytes(const struct bt_bitmap *bitmap, uint32_t page)
{
	const uint32_t btrfs_magic = 0x9123683e, inline_max = 2048;
	uint64_t bytes = bitmap->layout.layout.bytes, before = (uint64_t)page << 12;

	if (bitmap->layout.layout.fs_magic == btrfs_magic && bytes <= inline_max)
		return 0;
	if (!bytes)
		return 1; /* not told: something, at least */
	if (bytes <= before)
		return 0;
	return bytes - before < 4096 ? (uint32_t)(bytes - before) : 4096;
}

const struct bt_page_write *bt_block_writeback(const struct bt_block *block)
{
	uint32_t i;

	for (i = block ? block->writes_nr : 0; i > 0; i--)
		if (block->writes[i - 1].in_flight &&
		    block->writes[i - 1].start.ev.page.backend == BT_BACKEND_PAGECACHE)
			return &block->writes[i - 1];
	return NULL;
}

/* What of these bytes is the n-th page's. */
static uint32_t bytes_of_page(uint32_t bytes, uint32_t n)
{
	uint32_t before = n << 12;

	if (bytes <= before)
		return 0;
	return bytes - before < 4096 ? bytes - before : 4096;
}

void bt_page_bio(struct bt_bitmap *bitmap, const struct bt_event *ev)
{
	uint32_t n, nr = bt_event_pages(ev), index;
	struct bt_page_write *write;
	struct bt_block *block;

	for (n = 0; n < nr; n++) {
		index = ev->page.page + n;
		HASH_FIND(hh, bitmap->blocks, &index, sizeof(index), block);
		write = (struct bt_page_write *)bt_block_writeback(block);
		if (!write)
			continue;
		if (!write->bio_dev)
			write->bio_dev = ev->page.dev;
		/* A file system that keeps copies writes them elsewhere, too. */
		if (write->bio_dev == ev->page.dev)
			write->bytes += bytes_of_page(ev->page.bytes, n);
		page_write_cache(write, ev);
	}
}

/* The writeback ends: have bios carried the page? */
static void page_write_ended(struct bt_model *model, struct bt_bitmap *bitmap,
			     struct bt_block *block, struct bt_page_write *write,
			     const struct bt_event *ev)
{
	uint32_t need = bt_block_bytes(bitmap, block->index);

	if (write->start.ev.page.backend != BT_BACKEND_PAGECACHE || write->failed ||
	    write->bytes >= need)
		return;
	write->without_bio = true;
	if (!block->without_bio.seq)
		bitmap->without_bio_nr++;
	bt_event_ref_set(&block->without_bio, model->seq, ev);
}

static void submission_end(struct bt_model *model, struct bt_bitmap *bitmap,
			   const struct bt_event *ev, uint32_t index, uint64_t id, bool failed)
{
	struct bt_block *block;
	struct bt_page_write *write;

	HASH_FIND(hh, bitmap->blocks, &index, sizeof(index), block);
	write = block ? page_write_find(block, id) : NULL;
	if (!write || !write->in_flight)
		return;
	write->in_flight--;
	if (failed)
		write->failed++;
	else
		write->ok++;
	bt_event_ref_set(&block->end, model->seq, ev);
	write->end_seq = model->seq;
	page_write_ended(model, bitmap, block, write, ev);
	page_writes_fold(bitmap, block);
}

/* File systems note the error on the mapping, then end the writeback. */
bool bt_page_write_failed(const struct bt_bitmap *bitmap, const struct bt_io *io,
			  const struct bt_event *ev)
{
	return io->failed || ev->status ||
	       (ev->page.backend == BT_BACKEND_PAGECACHE &&
		bitmap->write_error_seq > io->start.seq);
}

/*
 * Started before we looked; or the block layer has refused the bio before it
 * could be told to be in the member's queue (submit_bio_noacct).
 */
static int page_end_alone(struct bt_model *model, struct bt_bitmap *bitmap,
			  const struct bt_event *ev)
{
	return ev->status ? bt_copy_ended(bitmap, ev, model->seq, true) : 0;
}

int bt_page_io_end(struct bt_model *model, struct bt_bitmap *bitmap, const struct bt_event *ev)
{
	struct bt_io *io;
	uint32_t i, n;

	HASH_FIND(hh, bitmap->ios, &ev->page.io, sizeof(ev->page.io), io);
	if (!io || io->data)
		return page_end_alone(model, bitmap, ev);
	io->failed = bt_page_write_failed(bitmap, io, ev);
	if (io->failed && bt_unplug_failure(model, bitmap, io, ev))
		return -ENOMEM;
	if (io->failed)
		bt_super_failure(model, bitmap, ev);
	/*
	 * md_update_sb may submit page 0's buffer while unplug has it under
	 * way. Which of the two this end belongs to cannot be told, so both
	 * count as ended with the last; md's own wait does the same
	 * (pending_writes counts the whole bitmap).
	 */
	if (io->outstanding > 1) {
		io->outstanding--;
		return 0;
	}
	for (i = 0; i < io->writes_nr; i++)
		for (n = 0; n < io->nr_pages; n++)
			submission_end(model, bitmap, ev, io->page + n, io->writes[i] + n,
				       io->failed);
	if (io->writes_nr && bt_copy_ended(bitmap, &io->start.ev, io->start.seq, io->failed))
		return -ENOMEM;
	bt_io_drop(bitmap, io);
	return 0;
}

void bt_block_clear_without_bio(struct bt_bitmap *bitmap, struct bt_block *block)
{
	if (!block->without_bio.seq)
		return;
	block->without_bio.seq = 0;
	bitmap->without_bio_nr--;
}

/*
 * A file system may end a writeback and only then record that it failed
 * (btrfs, when it refuses a page). The error does not say which page it is
 * about: all that the same thread has ended within its present call of
 * filemap_fdatawrite are taken back. Writes still under way when the error
 * comes are failed when they end (bt_page_io_end).
 */
void bt_page_writeback_error(struct bt_bitmap *bitmap, const struct bt_event *ev)
{
	const struct bt_task *task = bt_task_find(bitmap, ev->tid);
	struct bt_block *block, *next;

	if (!task || !task->writeback.seq)
		return;
	HASH_ITER (hh, bitmap->blocks, block, next) {
		if (block->end.ev.tid != ev->tid || block->end.seq < task->writeback.seq)
			continue;
		block->done_seq = block->done_before_seq;
		bt_block_clear_without_bio(bitmap, block); /* the error is told: nobody is fooled */
	}
}
