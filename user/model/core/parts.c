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

static struct bt_part *part_find(struct bt_page *page, uint64_t key)
{
	uint32_t i;

	for (i = 0; i < page->parts_nr; i++)
		if (page->parts[i].key == key)
			return &page->parts[i];
	return NULL;
}

/* NULL on lack of memory. */
static struct bt_part *part_new(struct bt_bitmap *bitmap, struct bt_page *page, uint64_t key)
{
	struct bt_part *grown;

	grown = bt_grown(bitmap, page->parts, page->parts_nr, &page->parts_cap, sizeof(*grown));
	if (!grown)
		return NULL;
	page->parts = grown;
	page->parts[page->parts_nr] = (struct bt_part){ .key = key };
	return &page->parts[page->parts_nr++];
}

/*
 * A member that fails is thrown out, or kept for being the last: its part has
 * been tried, and whether any has succeeded is asked of the whole write. A
 * block has no other copy.
 */
int bt_part_ended(struct bt_bitmap *bitmap, const struct bt_event *ev, uint64_t start_seq,
		  bool failed)
{
	bool is_member = ev->page.backend == BT_BACKEND_INTERNAL;
	uint64_t key = is_member ? ev->page.desc_nr : ev->page.io;
	struct bt_page *page;
	struct bt_part *part;

	if (is_member ? ev->page.desc_nr >= BT_MEMBERS_TOLD
		      : failed || ev->page.backend != BT_BACKEND_BUFFER)
		return 0;
	if (is_member && ev->page.bytes && ev->page.bytes < bt_page_bytes(bitmap, ev->page.page))
		return 0; /* cut short: some of the bits are not in it */
	page = bt_page_get(bitmap, ev->page.page);
	if (!page)
		return -ENOMEM;
	part = part_find(page, key);
	if (!part && page->parts_nr == BT_PARTS_MAX) {
		bitmap->overflow = true;
		return 0;
	}
	if (!part)
		part = part_new(bitmap, page, key);
	if (!part)
		return -ENOMEM;
	if (start_seq > part->done_seq)
		part->done_seq = start_seq;
	return 0;
}

void bt_parts_free(struct bt_bitmap *bitmap, struct bt_page *page)
{
	bt_give(bitmap, page->parts, page->parts_cap * sizeof(*page->parts));
}

void bt_members_told(const struct bt_model *model, struct bt_bitmap *bitmap,
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
static enum bt_tri members_cover(const struct bt_active *active, const struct bt_page *page,
				 struct bt_span span)
{
	uint64_t surely = 0, perhaps = 0, lacking;
	enum bt_tri covers = BT_YES;
	uint32_t i;

	for (i = 0; i < page->parts_nr; i++) {
		const struct bt_part *part = &page->parts[i];

		if (part->key >= BT_MEMBERS_TOLD)
			continue; /* a buffer head: no stream of ours has both */
		if (part->done_seq > span.seq)
			surely |= UINT64_C(1) << part->key;
		else if (part->done_seq > span.from_seq)
			perhaps |= UINT64_C(1) << part->key;
	}
	for (lacking = active->members & ~surely; lacking; lacking &= lacking - 1) {
		int nr = __builtin_ctzll(lacking);

		if (active->since[nr] > span.from_seq)
			continue;
		if (!(perhaps >> nr & 1))
			return BT_NO;
		covers = BT_MAYBE;
	}
	return covers;
}

static enum bt_tri blocks_cover(const struct bt_page *page, struct bt_span span)
{
	uint32_t i, surely = 0, perhaps = 0;

	for (i = 0; i < page->parts_nr; i++) {
		surely += page->parts[i].done_seq > span.seq;
		perhaps += page->parts[i].done_seq > span.from_seq;
	}
	if (surely >= page->blocks)
		return BT_YES;
	return perhaps >= page->blocks ? BT_MAYBE : BT_NO;
}

enum bt_tri bt_parts_cover(const struct bt_bitmap *bitmap, const struct bt_page *page,
			   struct bt_span span)
{
	if (page->blocks)
		return blocks_cover(page, span);
	if (!bitmap->active.told)
		return BT_YES; /* the page cache writes pages whole; old traces do not tell */
	if (!bitmap->active.known)
		return BT_MAYBE;
	return members_cover(&bitmap->active, page, span);
}
