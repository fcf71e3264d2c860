// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a write of a block consists of: one copy for each member (write_sb_page, over
 * next_active_rdev), or the buffer heads of the page (write_file_page). page_write.c tracks the
 * submissions and how they ended; this file tracks whether there was one for each copy. Each
 * copy counts by itself: it does not matter which task submitted it, or together with which
 * others.
 */
#include <errno.h>

#include "model/core/internal.h"

static struct bt_copy *copy_find(struct bt_block *block, uint64_t key)
{
	uint32_t i;

	for (i = 0; i < block->copies_nr; i++)
		if (block->copies[i].key == key)
			return &block->copies[i];
	return NULL;
}

/* NULL if out of memory. */
static struct bt_copy *copy_new(struct bt_bitmap *bitmap, struct bt_block *block, uint64_t key)
{
	struct bt_copy *grown;

	grown = bt_mem_grow(bitmap, block->copies, block->copies_nr, &block->copies_cap,
			    sizeof(*grown));
	if (!grown)
		return NULL;
	block->copies = grown;
	block->copies[block->copies_nr] = (struct bt_copy){ .key = key };
	return &block->copies[block->copies_nr++];
}

/*
 * A member that fails is removed, or kept because it is the last one. Its copy was tried, and
 * the result of the whole write shows whether any copy succeeded. A block has no other copy.
 */
static int copy_ended(struct bt_bitmap *bitmap, const struct bt_event *ev, uint32_t index,
		      uint64_t start_seq, bool failed)
{
	bool is_member = ev->page.backend == BT_BACKEND_INTERNAL;
	uint64_t key = is_member ? ev->page.desc_nr : ev->page.io;
	struct bt_block *block;
	struct bt_copy *copy;

	if (is_member ? ev->page.desc_nr >= BT_MEMBERS_TOLD
		      : failed || ev->page.backend != BT_BACKEND_BUFFER)
		return 0;
	block = bt_block_get(bitmap, index);
	if (!block)
		return -ENOMEM;
	copy = copy_find(block, key);
	if (!copy && block->copies_nr == BT_COPIES_MAX) {
		bitmap->state.overflow = true;
		return 0;
	}
	if (!copy)
		copy = copy_new(bitmap, block, key);
	if (!copy)
		return -ENOMEM;
	if (start_seq > copy->done_seq)
		copy->done_seq = start_seq;
	return 0;
}

/* Is the n-th block of the submission truncated? Then it lacks some of its chunks. */
static bool copy_is_short(const struct bt_bitmap *bitmap, const struct bt_event *ev, uint32_t first,
			  uint32_t n)
{
	return ev->page.backend == BT_BACKEND_INTERNAL && ev->page.bytes &&
	       bt_block_bytes_of(bitmap, ev->page.bytes, n) < bt_block_bytes(bitmap, first + n);
}

int bt_copies_ended(struct bt_bitmap *bitmap, const struct bt_event *ev, uint32_t first,
		    uint32_t nr, uint64_t start_seq, bool failed)
{
	uint32_t n;

	for (n = 0; n < nr; n++)
		if (!copy_is_short(bitmap, ev, first, n) &&
		    copy_ended(bitmap, ev, first + n, start_seq, failed))
			return -ENOMEM;
	return 0;
}

void bt_copies_free(struct bt_bitmap *bitmap, struct bt_block *block)
{
	bt_mem_free(bitmap, block->copies, block->copies_cap * sizeof(*block->copies));
}

int bt_members_reported(struct bt_model *model, struct bt_bitmap *bitmap, const struct bt_event *ev)
{
	struct bt_active *active = &bitmap->state.active;
	unsigned int nr;

	bitmap->members_reported = true;
	active->known = !ev->members.unknown;
	for (nr = 0; nr < BT_MEMBERS_TOLD; nr++)
		if (!(active->members >> nr & 1))
			active->since[nr] = model->seq;
	active->members = ev->members.active;
	return 0;
}

/* A member that was added after the window began needs no copy. */
static enum bt_tri members_cover(const struct bt_active *active, const struct bt_block *block,
				 struct bt_window window)
{
	uint64_t surely = 0, perhaps = 0, lacking;
	enum bt_tri covers = BT_YES;
	uint32_t i;

	for (i = 0; i < block->copies_nr; i++) {
		const struct bt_copy *copy = &block->copies[i];

		if (copy->key >= BT_MEMBERS_TOLD)
			continue; /* a buffer head: no probe reports both */
		if (copy->done_seq > window.seq)
			surely |= UINT64_C(1) << copy->key;
		else if (copy->done_seq > window.from_seq)
			perhaps |= UINT64_C(1) << copy->key;
	}
	for (lacking = active->members & ~surely; lacking; lacking &= lacking - 1) {
		int nr = __builtin_ctzll(lacking);

		if (active->since[nr] > window.from_seq)
			continue;
		if (!(perhaps >> nr & 1))
			return BT_NO;
		covers = BT_MAYBE;
	}
	return covers;
}

static enum bt_tri buffers_cover(const struct bt_block *block, struct bt_window window)
{
	uint32_t i, surely = 0, perhaps = 0;

	for (i = 0; i < block->copies_nr; i++) {
		surely += block->copies[i].done_seq > window.seq;
		perhaps += block->copies[i].done_seq > window.from_seq;
	}
	if (surely >= block->buffers)
		return BT_YES;
	return perhaps >= block->buffers ? BT_MAYBE : BT_NO;
}

enum bt_tri bt_copies_cover(const struct bt_bitmap *bitmap, const struct bt_block *block,
			    struct bt_window window)
{
	if (block->buffers)
		return buffers_cover(block, window);
	if (!bitmap->members_reported)
		return BT_YES; /* the page cache writes whole pages */
	if (!bitmap->state.active.known)
		return BT_MAYBE;
	return members_cover(&bitmap->state.active, block, window);
}
