// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a write of a page consists of: one copy a member (write_sb_page, over
 * next_active_rdev), or the blocks of the page in the file (write_file_page).
 * page.c knows which submissions there were and how they ended; here is kept
 * whether there was one for each part. Each part is looked at by itself, so
 * that it does not matter who has submitted it, and together with what.
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

/* NULL on lack of memory. */
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
 * A member that fails is thrown out, or kept for being the last: its part has
 * been tried, and whether any has succeeded is asked of the whole write. A
 * block has no other copy.
 */
int bt_copy_ended(struct bt_bitmap *bitmap, const struct bt_event *ev, uint64_t start_seq,
		  bool failed)
{
	bool is_member = ev->page.backend == BT_BACKEND_INTERNAL;
	uint64_t key = is_member ? ev->page.desc_nr : ev->page.io;
	struct bt_block *block;
	struct bt_copy *copy;

	if (is_member ? ev->page.desc_nr >= BT_MEMBERS_TOLD
		      : failed || ev->page.backend != BT_BACKEND_BUFFER)
		return 0;
	if (is_member && ev->page.bytes && ev->page.bytes < bt_block_bytes(bitmap, ev->page.page))
		return 0; /* cut short: some of the bits are not in it */
	block = bt_block_get(bitmap, ev->page.page);
	if (!block)
		return -ENOMEM;
	copy = copy_find(block, key);
	if (!copy && block->copies_nr == BT_COPIES_MAX) {
		bitmap->overflow = true;
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

void bt_copies_free(struct bt_bitmap *bitmap, struct bt_block *block)
{
	bt_mem_free(bitmap, block->copies, block->copies_cap * sizeof(*block->copies));
}

void bt_members_reported(const struct bt_model *model, struct bt_bitmap *bitmap,
			 const struct bt_event *ev)
{
	struct bt_active *active = &bitmap->active;
	unsigned int nr;

	active->told = true;
	active->known = !ev->members.unknown;
	for (nr = 0; nr < BT_MEMBERS_TOLD; nr++)
		if (!(active->members >> nr & 1))
			active->since[nr] = model->seq;
	active->members = ev->members.active;
}

void bt_members_forget(struct bt_bitmap *bitmap)
{
	bitmap->active.known = false;
	bitmap->active.members = 0;
}

/* One that has come after span began has not had to be there. */
static enum bt_tri members_cover(const struct bt_active *active, const struct bt_block *block,
				 struct bt_window window)
{
	uint64_t surely = 0, perhaps = 0, lacking;
	enum bt_tri covers = BT_YES;
	uint32_t i;

	for (i = 0; i < block->copies_nr; i++) {
		const struct bt_copy *copy = &block->copies[i];

		if (copy->key >= BT_MEMBERS_TOLD)
			continue; /* a buffer head: no stream of ours has both */
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
	if (!bitmap->active.told)
		return BT_YES; /* the page cache writes pages whole; old traces do not tell */
	if (!bitmap->active.known)
		return BT_MAYBE;
	return members_cover(&bitmap->active, block, window);
}
