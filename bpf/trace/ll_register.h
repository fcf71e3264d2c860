/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A lockless bitmap that is met for the first time, or that was resized: it is described in the
 * stream, with the numbers of states and actions, the table of its state machine, and all bytes.
 */
#ifndef BITMAP_TRACE_LL_REGISTER_H
#define BITMAP_TRACE_LL_REGISTER_H

#include "core/members.h"
#include "trace/ll_bytes.h"
#include "trace/register.h"

/* Address of md's state_machine[][], set by user space before the load; 0: not known. */
const volatile __u64 ll_table_at = 0;

static __always_inline struct bt_event *ll_describe(__u32 id, __u32 type)
{
	struct bt_event *e = event_reserve(id, type);

	if (e)
		e->impl = BT_IMPL_LLBITMAP;
	return e;
}

static __always_inline void ll_emit_array(const struct known_bitmap *known, __u32 id)
{
	struct bt_event *e = ll_describe(id, BT_ARRAY);

	if (!e)
		return;
	read_array_name(e, known);
	event_submit(e);
}

#define LL_STATE_OR_NONE(name)                                                                     \
	(bpf_core_enum_value_exists(enum llbitmap_state___ll, name) ? LL_STATE(name)               \
								    : BT_LL_NO_NAME)
#define LL_ACTION_OR_NONE(name)                                                                    \
	(bpf_core_enum_value_exists(enum llbitmap_action___ll, name) ? LL_ACTION(name)             \
								     : BT_LL_NO_NAME)

static __always_inline void ll_emit_names(__u32 id)
{
	struct bt_event *e = ll_describe(id, BT_LL_NAMES);

	if (!e)
		return;
	e->ll_names.states[BT_LL_UNWRITTEN] = LL_STATE_OR_NONE(BitUnwritten);
	e->ll_names.states[BT_LL_CLEAN] = LL_STATE_OR_NONE(BitClean);
	e->ll_names.states[BT_LL_DIRTY] = LL_STATE_OR_NONE(BitDirty);
	e->ll_names.states[BT_LL_NEED_SYNC] = LL_STATE_OR_NONE(BitNeedSync);
	e->ll_names.states[BT_LL_SYNCING] = LL_STATE_OR_NONE(BitSyncing);
	e->ll_names.states[BT_LL_NEED_SYNC_UNWRITTEN] = LL_STATE_OR_NONE(BitNeedSyncUnwritten);
	e->ll_names.states[BT_LL_SYNCING_UNWRITTEN] = LL_STATE_OR_NONE(BitSyncingUnwritten);
	e->ll_names.states[BT_LL_CLEAN_UNWRITTEN] = LL_STATE_OR_NONE(BitCleanUnwritten);
	e->ll_names.actions[BT_LL_STARTWRITE] = LL_ACTION_OR_NONE(BitmapActionStartwrite);
	e->ll_names.actions[BT_LL_STARTSYNC] = LL_ACTION_OR_NONE(BitmapActionStartsync);
	e->ll_names.actions[BT_LL_ENDSYNC] = LL_ACTION_OR_NONE(BitmapActionEndsync);
	e->ll_names.actions[BT_LL_ABORTSYNC] = LL_ACTION_OR_NONE(BitmapActionAbortsync);
	e->ll_names.actions[BT_LL_RELOAD] = LL_ACTION_OR_NONE(BitmapActionReload);
	e->ll_names.actions[BT_LL_DAEMON] = LL_ACTION_OR_NONE(BitmapActionDaemon);
	e->ll_names.actions[BT_LL_DISCARD] = LL_ACTION_OR_NONE(BitmapActionDiscard);
	e->ll_names.actions[BT_LL_STALE] = LL_ACTION_OR_NONE(BitmapActionStale);
	e->ll_names.actions[BT_LL_PROACTIVE_SYNC] = LL_ACTION_OR_NONE(BitmapActionProactiveSync);
	e->ll_names.actions[BT_LL_CLEAR_UNWRITTEN] = LL_ACTION_OR_NONE(BitmapActionClearUnwritten);
	event_submit(e);
}

static __noinline int ll_emit_row(__u32 id, __u32 state)
{
	__u32 actions = LL_ACTION(BitmapActionCount);
	struct bt_event *e;
	__u32 n;

	if (actions > sizeof(e->ll_row.next))
		return 0;
	e = ll_describe(id, BT_LL_TABLE);
	if (!e)
		return 0;
	e->ll_row.state = state;
	e->ll_row.nr = actions;
	for (n = 0; n < sizeof(e->ll_row.next) && n < actions; n++)
		e->ll_row.next[n] = KREAD_AT(__u8, ll_table_at + state * actions + n);
	event_submit(e);
	return 0;
}

/* Where either is not known there is no table, and nothing is judged by it. */
static __always_inline void ll_emit_table(__u32 id)
{
	__u32 state, states = LL_STATE(BitStateCount);

	if (!ll_table_at)
		return;
	for (state = 0; state < 16 && state < states; state++)
		ll_emit_row(id, state);
}

static __always_inline __u32 ll_log2(__u32 bytes)
{
	__u32 shift = 9;

	while (shift < LL_PAGE_SHIFT && bytes >> shift > 1)
		shift++;
	return shift;
}

static __always_inline void ll_emit_layout(struct llbitmap___ll *bitmap,
					   const struct known_bitmap *known, __u32 id)
{
	struct bt_event *e = ll_describe(id, BT_LAYOUT);
	struct mddev *mddev = (struct mddev *)known->mddev;

	if (!e)
		return;
	e->layout.dev_sectors = KREAD(mddev, dev_sectors);
	e->layout.bytes = known->chunks + LL_HEADER_BYTES;
	e->layout.header_bytes = LL_HEADER_BYTES;
	e->layout.page_shift = LL_PAGE_SHIFT;
	e->layout.block_shift = ll_log2(KREAD(bitmap, io_size));
	e->layout.chunk_bits_shift = 3;
	event_submit(e);
}

static __always_inline void ll_emit_geometry(struct llbitmap___ll *bitmap,
					     const struct known_bitmap *known, __u32 id)
{
	struct bt_event *e = ll_describe(id, BT_BITMAP);
	struct mddev *mddev = (struct mddev *)known->mddev;

	if (!e)
		return;
	e->bm_flags = (__u16)KREAD(bitmap, flags) & ~BT_BM_NO_FILEMAP;
	e->geometry.chunks = known->chunks;
	e->geometry.chunk_shift = known->chunk_shift;
	e->geometry.file_pages = known->file_pages;
	e->geometry.backend = BT_BACKEND_INTERNAL;
	e->geometry.has_sb = 1;
	e->geometry.dev = KREAD(mddev, unit);
	e->geometry.level = known->level;
	e->geometry.layout = known->layout;
	e->geometry.chunk_sectors = known->chunk_sectors;
	e->geometry.raid_disks = known->raid_disks;
	event_submit(e);
}

/* ---- pages --------------------------------------------------------------------------------- */

#define LL_PAGES_MAX (1 << 16) /* ends a walk that has lost its way */

static long ll_page_enter(__u32 i, void *data)
{
	struct known_bitmap *known = *(struct known_bitmap **)data;
	struct llbitmap_page_ctl___ll *pctl = ll_pctl((struct llbitmap___ll *)known->address, i);
	struct known_page *page;
	__u64 address;

	if (!pctl)
		return 1;
	address = (__u64)KREAD(pctl, page);
	page_enter(address, known->nr, known->storage, i);
	page = page_find(address);
	/* Pages beyond the last chunk's are written by each flush, too, and never change. */
	if (page && page->bitmap == known->nr && i < known->file_pages)
		page->shadow = ll_copy_alloc();
	if (!page || (!page->shadow && i < known->file_pages))
		known->unplaced++;
	return 0;
}

static long ll_page_forget(__u32 i, void *data)
{
	struct known_bitmap *known = *(struct known_bitmap **)data;
	struct llbitmap_page_ctl___ll *pctl = ll_pctl((struct llbitmap___ll *)known->address, i);
	struct known_page *page = pctl ? page_find((__u64)KREAD(pctl, page)) : NULL;

	if (!pctl)
		return 1;
	if (!page || page->bitmap != known->nr)
		return 0;
	ll_copy_free(page->shadow);
	slot_free(&page->address);
	return 0;
}

static __always_inline void ll_read_storage(struct llbitmap___ll *bitmap,
					    struct known_bitmap *known)
{
	struct mddev *mddev = (struct mddev *)known->mddev;

	known->filemap = (__u64)KREAD(bitmap, pctl);
	known->chunks = KREAD(bitmap, chunks);
	known->chunk_shift = KREAD(bitmap, chunkshift);
	known->file_pages = (known->chunks + LL_HEADER_BYTES + LL_PAGE_BYTES - 1) >> LL_PAGE_SHIFT;
	known->level = KREAD(mddev, level);
	known->layout = KREAD(mddev, layout);
	known->chunk_sectors = KREAD(mddev, chunk_sectors);
	known->raid_disks = KREAD(mddev, raid_disks);
	known->pages_unwritten = 0;
	known->ll_marked = 0;
}

/* ---- registering ------------------------------------------------------------------------------
 */

static __always_inline struct known_bitmap *ll_alloc(struct llbitmap___ll *bitmap)
{
	bool full = false;
	struct known_bitmap *known = bitmap_register_at((__u64)bitmap, KREAD(bitmap, mddev), &full);

	if (full)
		count_loss(BT_LOSS_MAP_FULL, BT_BITMAP);
	if (!known)
		return NULL;
	known->flags_at = (__u64)bitmap + bpf_core_field_offset(struct llbitmap___ll, flags);
	known->impl = BT_IMPL_LLBITMAP;
	bitmaps_traced_add(known, 1);
	return known;
}

/*
 * Not static: the verifier goes through it once. The bytes come last, when the bitmap has its
 * id: from then on each change is reported, and what is found here counts only where nothing was
 * (ll_bytes.h).
 */
__weak __noinline int ll_register(__u64 address, __u32 by)
{
	struct known_bitmap *known = bitmap_find(address);
	struct llbitmap___ll *bitmap = (struct llbitmap___ll *)address;
	__u32 id;

	if (!known)
		known = ll_alloc(bitmap);
	else if (!known->id)
		return 0;
	if (!known)
		return 0;
	id = known->id ?: __sync_fetch_and_add(&bitmap_id_last, 1) + 1;
	if (known->id)
		bpf_loop(LL_PAGES_MAX, ll_page_forget, &known, 0);
	known->id = 0;
	known->unplaced = 0;
	ll_read_storage(bitmap, known);
	ll_emit_array(known, id);
	ll_emit_names(id);
	ll_emit_table(id);
	ll_emit_layout(bitmap, known, id);
	ll_emit_geometry(bitmap, known, id);
	emit_members((struct bitmap *)address, known, id, true);
	known->storage = __sync_fetch_and_add(&storage_last, 1) + 1;
	bpf_loop(LL_PAGES_MAX, ll_page_enter, &known, 0);
	known->id = id;
	ll_compare(known, 0, known->chunks - 1, by);
	return 0;
}

/* The traced bitmap at this address, or NULL. */
static __always_inline struct known_bitmap *ll_lookup(struct llbitmap___ll *bitmap)
{
	return bitmap_lookup(bitmap);
}

static __always_inline struct known_bitmap *ll_lookup_or_register(struct llbitmap___ll *bitmap,
								  __u32 by)
{
	struct known_bitmap *known;
	__u64 address = 0;

	if (!bitmap || !recording)
		return NULL;
	known = bitmap_find((__u64)bitmap);
	if (!known) {
		bpf_probe_read_kernel(&address, sizeof(address), &bitmap);
		ll_register(address, by);
		known = bitmap_find((__u64)bitmap);
	}
	return known && known->id ? known : NULL;
}

static __always_inline void ll_forget(struct known_bitmap *known)
{
	if (known->id) {
		bpf_loop(LL_PAGES_MAX, ll_page_forget, &known, 0);
		bitmaps_traced_add(known, -1);
	}
	known->id = 0;
	slot_free(&known->address);
}

#endif /* BITMAP_TRACE_LL_REGISTER_H */
