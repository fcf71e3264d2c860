// SPDX-License-Identifier: GPL-2.0-only
/*
 * Page writes. One write of a block can consist of several submissions: one for each member for
 * an internal bitmap (write_sb_page), one for each buffer head (write_file_page). They are
 * collected into one page write; the block is on disk when every submission has ended.
 */
#include <errno.h>
#include <string.h>

#include "model/core/internal.h"

static struct bt_page_write *page_write_find(struct bt_block *block, uint64_t id)
{
	unsigned int i;

	for (i = 0; i < block->writes_nr; i++)
		if (block->writes[i].id == id)
			return &block->writes[i];
	return NULL;
}

/* A page write that has ended and that no task can add to is merged into done_seq. */
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
		if (bt_page_write_good(bitmap, write) != BT_YES)
			continue;
		/*
		 * Also if a newer one completed first: this one may be durable, and the newer
		 * one not.
		 */
		bt_flush_write_done(block, write);
		if (bt_page_write_whole(bitmap, write) && write->start.seq > block->whole_seq)
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
	struct bt_page_write *write;
	struct bt_block *block;
	uint32_t n;

	for (n = 0; task->open_write && n < task->open_blocks_nr; n++) {
		block = bt_block_known(bitmap, task->open_block + n);
		write = block ? page_write_find(block, task->open_write + n) : NULL;
		if (!write)
			continue;
		write->open = false;
		bitmap->state.submissions_last = write->submissions_nr;
		page_writes_fold(bitmap, block);
	}
	task->open_write = 0;
}

uint64_t bt_submission_target(const struct bt_event *ev)
{
	return ev->page.backend == BT_BACKEND_INTERNAL ? ev->page.dev : ev->page.io;
}

bool bt_submits_once(const struct bt_event *ev)
{
	return ev->page.backend == BT_BACKEND_PAGECACHE || ev->page.backend == BT_BACKEND_FILEIO;
}

static bool page_write_has_target(const struct bt_page_write *write, uint64_t target)
{
	unsigned int i;

	for (i = 0; i < write->submissions_nr; i++)
		if (write->targets[i] == target)
			return true;
	return false;
}

/* Does this submission add to the page write that its task is submitting? */
static bool page_write_continued(const struct bt_bitmap *bitmap, const struct bt_task *task,
				 const struct bt_event *ev)
{
	const struct bt_page_write *write;
	struct bt_block *block;
	uint32_t first, nr;

	if (!task->open_write)
		return false;
	nr = bt_event_blocks(bitmap, ev, &first);
	if (task->open_block != first || task->open_blocks_nr != nr)
		return false;
	block = bt_block_known(bitmap, first);
	write = block ? page_write_find(block, task->open_write) : NULL;
	return write && write->submissions_nr < BT_SUBMISSIONS_MAX &&
	       !page_write_has_target(write, bt_submission_target(ev));
}

bool bt_page_write_continues(const struct bt_bitmap *bitmap, const struct bt_task *task,
			     const struct bt_event *ev)
{
	return ev->type == BT_PAGE_WRITE_START && page_write_continued(bitmap, task, ev);
}

static struct bt_page_write *page_write_new(struct bt_model *model, struct bt_bitmap *bitmap,
					    struct bt_block *block, const struct bt_event *ev)
{
	struct bt_page_write *write;

	if (block->writes_nr == BT_PAGE_WRITES_MAX) {
		/*
		 * Without this write, the changes that it covers would seem uncovered: drop all
		 * state.
		 */
		bitmap->state.overflow = true;
		block->writes_nr = 0;
	}
	write = bt_mem_grow(bitmap, block->writes, block->writes_nr, &block->writes_cap,
			    sizeof(*write));
	if (!write)
		return NULL;
	block->writes = write;
	write = &block->writes[block->writes_nr++];
	memset(write, 0, sizeof(*write));
	write->id = ++bitmap->state.write_id_last;
	bt_event_ref_set(&write->start, model->seq, ev);
	block->start_seq = model->seq;
	write->open = !bt_submits_once(ev);
	return write;
}

void bt_page_write_cache(struct bt_page_write *write, const struct bt_event *ev)
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

/* id: of the page write that the submission adds to, 0: a new one. */
static int submission_start(struct bt_model *model, struct bt_bitmap *bitmap,
			    const struct bt_event *ev, uint32_t index, uint64_t *id)
{
	struct bt_block *block = bt_block_get(bitmap, index);
	struct bt_page_write *write;

	if (!block)
		return -ENOMEM;
	write = *id ? page_write_find(block, *id) : NULL;
	if (!write)
		write = page_write_new(model, bitmap, block, ev);
	if (!write)
		return -ENOMEM;
	if (write->submissions_nr < BT_SUBMISSIONS_MAX)
		write->targets[write->submissions_nr++] = bt_submission_target(ev);
	block->buffers = ev->page.backend == BT_BACKEND_BUFFER ? ev->page.blocks : 0;
	bt_page_write_cache(write, ev);
	write->in_flight++;
	*id = write->id;
	return 0;
}

/*
 * Adds the submission to the page writes of its blocks. *id: of the page write of the first
 * block, 0: begins new ones; those of the other blocks have the ids after it.
 */
static int submissions_start(struct bt_model *model, struct bt_bitmap *bitmap, struct bt_io *io,
			     const struct bt_event *ev, uint64_t *id)
{
	uint64_t first = *id, next;
	uint32_t n;

	for (n = 0; n < io->blocks_nr; n++) {
		next = first ? first + n : 0;
		if (submission_start(model, bitmap, ev, io->block + n, &next))
			return -ENOMEM;
		if (n == 0)
			*id = next;
	}
	return 0;
}

static struct bt_io *io_get(struct bt_bitmap *bitmap, const struct bt_event *ev)
{
	uint32_t first, nr = bt_event_blocks(bitmap, ev, &first);
	struct bt_io *io = bt_io_known(bitmap, ev->page.io);

	if (io && (io->data || io->block != first)) {
		/* The address was reused; the end of the first write was lost. */
		bt_io_drop(bitmap, io);
		io = NULL;
	}
	if (io)
		return io;
	io = bt_io_new(bitmap, ev->page.io);
	if (!io)
		return NULL;
	io->block = first;
	io->blocks_nr = nr;
	return io;
}

/* The end of the submission ends these page writes. */
static int io_belongs_to(struct bt_bitmap *bitmap, struct bt_io *io, uint64_t id)
{
	uint64_t *writes;

	if (io->writes_nr == BT_PAGE_WRITES_MAX) {
		bitmap->state.overflow = true;
		return 0;
	}
	writes = bt_mem_grow(bitmap, io->writes, io->writes_nr, &io->writes_cap, sizeof(*writes));
	if (!writes)
		return -ENOMEM;
	io->writes = writes;
	io->writes[io->writes_nr++] = id;
	return 0;
}

/* The thread, or the one that has left this write to a worker. */
static uint32_t submitter(struct bt_bitmap *bitmap, const struct bt_io *io,
			  const struct bt_event *ev)
{
	struct bt_block *block = bt_block_known(bitmap, io->block);
	uint32_t tid = block ? block->queued_tid : 0;

	if (ev->page.backend != BT_BACKEND_FILEIO || !tid)
		return ev->tid;
	block->queued_tid = 0;
	return tid;
}

int bt_page_io_start(struct bt_model *model, struct bt_bitmap *bitmap, const struct bt_event *ev)
{
	struct bt_task *task = bt_task_get(bitmap, ev->tid);
	struct bt_io *io = io_get(bitmap, ev);
	uint64_t id;

	if (!task || !io)
		return -ENOMEM;
	bt_backend_refine(bitmap, ev);
	io->outstanding++;
	io->unplug_tid = submitter(bitmap, io, ev);
	io->in_unplug = bt_unplug_find(bitmap, io->unplug_tid) != NULL;
	bt_event_ref_set(&io->start, model->seq, ev);
	if (ev->type == BT_PAGE_READ_START)
		return 0;
	id = page_write_continued(bitmap, task, ev) ? task->open_write : 0;
	if (submissions_start(model, bitmap, io, ev, &id))
		return -ENOMEM;
	if (!bt_submits_once(ev)) {
		task->open_block = io->block;
		task->open_blocks_nr = io->blocks_nr;
		task->open_write = id;
	}
	return io_belongs_to(bitmap, io, id);
}

static void submission_end(struct bt_model *model, struct bt_bitmap *bitmap,
			   const struct bt_event *ev, uint32_t index, uint64_t id, bool failed)
{
	struct bt_block *block = bt_block_known(bitmap, index);
	struct bt_page_write *write = block ? page_write_find(block, id) : NULL;
	if (!write || !write->in_flight)
		return;
	write->in_flight--;
	if (failed)
		write->failed++;
	else
		write->ok++;
	bt_event_ref_set(&block->end, model->seq, ev);
	write->end_seq = model->seq;
	bt_file_write_ended(model, bitmap, block, write, ev);
	page_writes_fold(bitmap, block);
}

/* File systems record the error in the mapping, then end the writeback. */
bool bt_page_write_failed(const struct bt_bitmap *bitmap, const struct bt_io *io,
			  const struct bt_event *ev)
{
	return io->failed || ev->status ||
	       (ev->page.backend == BT_BACKEND_PAGECACHE &&
		bitmap->state.write_error_seq > io->start.seq);
}

/*
 * Its start came before tracing; or the block layer refused the bio before the probe could emit
 * it (submit_bio_noacct).
 */
static int page_end_alone(struct bt_model *model, struct bt_bitmap *bitmap,
			  const struct bt_event *ev)
{
	uint32_t first, nr;

	if (!ev->status)
		return 0;
	nr = bt_event_blocks(bitmap, ev, &first);
	return bt_copies_ended(bitmap, ev, first, nr, model->seq, true);
}

int bt_page_io_end(struct bt_model *model, struct bt_bitmap *bitmap, const struct bt_event *ev)
{
	struct bt_io *io = bt_io_known(bitmap, ev->page.io);
	uint32_t i, n;

	if (!io || io->data)
		return page_end_alone(model, bitmap, ev);
	io->failed = bt_page_write_failed(bitmap, io, ev);
	if (io->failed && bt_unplug_failure(model, bitmap, io, ev))
		return -ENOMEM;
	if (io->failed)
		bt_super_failure(model, bitmap, ev);
	/*
	 * md_update_sb may submit page 0's buffer while unplug has it in flight. It is not
	 * known to which of the two this end belongs, so both count as ended with the last one;
	 * md's own wait does the same (pending_writes counts the whole bitmap).
	 */
	if (io->outstanding > 1) {
		io->outstanding--;
		return 0;
	}
	for (i = 0; i < io->writes_nr; i++)
		for (n = 0; n < io->blocks_nr; n++)
			submission_end(model, bitmap, ev, io->block + n, io->writes[i] + n,
				       io->failed);
	if (io->writes_nr && bt_copies_ended(bitmap, &io->start.ev, io->block, io->blocks_nr,
					     io->start.seq, io->failed))
		return -ENOMEM;
	bt_io_drop(bitmap, io);
	return 0;
}
