// SPDX-License-Identifier: GPL-2.0-only
/*
 * Blocks, and whether a write of a block covers a change: it was submitted after the change,
 * and all of its submissions have ended without error (page_write.c).
 */
#include "model/core/internal.h"

const struct bt_block *bt_block_find(const struct bt_bitmap *bitmap, uint32_t page)
{
	const struct bt_block *known;

	HASH_FIND(hh, bitmap->state.blocks, &page, sizeof(page), known);
	return known;
}

struct bt_block *bt_block_get(struct bt_bitmap *bitmap, uint32_t index)
{
	struct bt_block *block;

	HASH_FIND(hh, bitmap->state.blocks, &index, sizeof(index), block);
	if (block)
		return block;
	block = bt_mem_alloc(bitmap, sizeof(*block));
	if (!block)
		return NULL;
	block->index = index;
	HASH_ADD(hh, bitmap->state.blocks, index, sizeof(block->index), block);
	return block;
}

void bt_blocks_free(struct bt_bitmap *bitmap)
{
	struct bt_block *block, *next;

	HASH_ITER (hh, bitmap->state.blocks, block, next) {
		HASH_DEL(bitmap->state.blocks, block);
		bt_mem_free(bitmap, block->writes, block->writes_cap * sizeof(*block->writes));
		bt_copies_free(bitmap, block);
		bt_mem_free(bitmap, block, sizeof(*block));
	}
}

/*
 * A page of an internal bitmap goes to every member. A member whose write fails is removed
 * from the array (super_written -> md_error), so one good copy is enough. A file has one copy
 * of each block, so all must be good.
 *
 * MAYBE: all submissions have ended, but the task may be about to submit another one. A page
 * write with as many submissions as the last complete one is complete.
 *
 * MAYBE: all that was submitted has ended, but the task may be about to submit
 * more. A page write as large as the last whole one lacks nothing.
 */
enum bt_tri bt_page_write_good(const struct bt_bitmap *bitmap, const struct bt_page_write *write)
{
	if (write->in_flight || !write->ok)
		return BT_NO;
	if (write->failed && write->start.ev.page.backend != BT_BACKEND_INTERNAL)
		return BT_NO;
	/* A file system may end a writeback without having written anything. */
	if (write->without_bio)
		return BT_NO;
	if (write->open && (!bitmap->state.submissions_last ||
			    write->submissions_nr < bitmap->state.submissions_last))
		return BT_MAYBE;
	return BT_YES;
}

/* Which page writes count. */
typedef bool (*write_filter)(const struct bt_bitmap *bitmap, const struct bt_page_write *write);

static bool any_write(const struct bt_bitmap *bitmap, const struct bt_page_write *write)
{
	(void)bitmap;
	(void)write;
	return true;
}

static bool in_no_cache(const struct bt_bitmap *bitmap, const struct bt_page_write *write)
{
	(void)bitmap;
	return !write->volatile_nr;
}

/* When a member has failed, its copy is not counted. */
bool bt_page_write_whole(const struct bt_bitmap *bitmap, const struct bt_page_write *write)
{
	if (write->failed)
		return false;
	return write->start.ev.page.backend != BT_BACKEND_INTERNAL || !bitmap->state.failure.seq ||
	       write->start.seq < bitmap->state.failure.seq;
}

/*
 * Has a write that counts covered the window? Of the ended writes, done_seq is the start of the
 * newest, maybe_seq of the newest that may count.
 */
static inline enum bt_tri block_writes_cover(const struct bt_bitmap *bitmap,
					     const struct bt_block *block, struct bt_window window,
					     write_filter counts, uint64_t done_seq,
					     uint64_t maybe_seq)
{
	const struct bt_page_write *write;
	enum bt_tri covers, good;

	if (done_seq > window.seq)
		return BT_YES;
	covers = done_seq > window.from_seq || maybe_seq > window.from_seq ? BT_MAYBE : BT_NO;
	bt_for_each_page_write(block, write)
	{
		if (write->start.seq <= window.from_seq || !counts(bitmap, write))
			continue;
		good = bt_page_write_good(bitmap, write);
		if (good == BT_YES && write->start.seq > window.seq)
			return BT_YES;
		if (good != BT_NO)
			covers = BT_MAYBE;
	}
	return covers;
}

/* Have all submissions ended without error? */
static enum bt_tri block_submitted_covers(const struct bt_bitmap *bitmap,
					  const struct bt_block *block, struct bt_window window)
{
	return block_writes_cover(bitmap, block, window, any_write, block->done_seq, 0);
}

enum bt_tri bt_block_covers(const struct bt_bitmap *bitmap, const struct bt_block *block,
			    struct bt_window window)
{
	enum bt_tri writes, copies;

	if (!block)
		return BT_NO;
	writes = block_submitted_covers(bitmap, block, window);
	if (writes == BT_NO)
		return BT_NO;
	copies = bt_copies_cover(bitmap, block, window);
	return copies == BT_YES ? writes : copies;
}

bool bt_block_lacks_copy(const struct bt_bitmap *bitmap, const struct bt_block *block,
			 struct bt_window window)
{
	return block && block_submitted_covers(bitmap, block, window) != BT_NO &&
	       bt_copies_cover(bitmap, block, window) == BT_NO;
}

enum bt_tri bt_block_durable(const struct bt_bitmap *bitmap, const struct bt_block *block,
			     struct bt_window window)
{
	return block_writes_cover(bitmap, block, window, in_no_cache, block->durable_seq,
				  block->evicted_seq);
}

enum bt_tri bt_block_whole(const struct bt_bitmap *bitmap, const struct bt_block *block,
			   struct bt_window window)
{
	if (!block)
		return BT_NO;
	return block_writes_cover(bitmap, block, window, bt_page_write_whole, block->whole_seq, 0);
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
	if (block && block->fill_seq > bitmap->state.init_enter.seq)
		return block->fill_seq;
	return bitmap->state.init_enter.seq;
}

const struct bt_page_write *bt_block_in_flight(const struct bt_block *block)
{
	unsigned int i;

	for (i = block ? block->writes_nr : 0; i > 0; i--)
		if (block->writes[i - 1].in_flight)
			return &block->writes[i - 1];
	return NULL;
}
