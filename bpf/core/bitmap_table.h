/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The bitmaps that the probes have registered, by the address of their struct bitmap. Bitmaps
 * of arrays that are not traced are registered, too, so that they are not examined again and
 * again.
 */
#ifndef BITMAP_TRACE_BITMAP_TABLE_H
#define BITMAP_TRACE_BITMAP_TABLE_H

#include "core/arrays.h"
#include "core/classic_geometry.h"
#include "core/page_table.h"
#include "shared/event.h"

#define BITMAP_ROW_BITS 10
#define BITMAP_SLOTS	8 /* 8192 bitmaps in all, at most this many with the same hash */
#define BITMAPS_MAX	(BITMAP_SLOTS << BITMAP_ROW_BITS)

struct known_bitmap {
	__u64 address;	/* struct slot */
	__u32 in_row;	/* likewise */
	__u32 nr;	/* of the slot, in the whole table */
	__u32 id;	/* 0: not traced, or not yet */
	__u32 array;	/* number that the probes give its array */
	__u32 file;	/* backed by a file */
	__u64 mddev;	/* of its array */
	__u64 flags_at; /* address of its flags (enum bitmap_state) */
	__u32 impl;	/* enum bt_impl */

	/* The storage (bitmap_read_storage): __bitmap_resize replaces it. */
	__u64 filemap;	/* storage.filemap whose pages are registered */
	__u32 storage;	/* its number, never reused */
	__u32 unplaced; /* some of its pages have no slot: their writes are not seen */
	__u64 counters; /* counts.bp, .chunks, .chunkshift */
	__u64 chunks;
	__u64 bytes;	  /* storage.bytes */
	__u32 file_pages; /* storage.file_pages */
	__u32 chunk_shift;
	__u32 header_bits; /* before the bit of chunk 0 */

	/* The array when it was described: a reshape of raid10 changes it without a resize. */
	__s32 level;
	__s32 layout;
	__s32 chunk_sectors;
	__s32 raid_disks;

	/* State of the event probes. */
	__u32 loading;	   /* inside bitmap_load: events take stacks */
	__u32 daemon_tid;  /* the thread of a daemon pass that was emitted, or 0 */
	__s32 clear_stack; /* stack of this pass's clear_bits: taken once per pass */
	__u64 end_io;	   /* bi_end_io of the last write to a member, already named */
	__u64 lastrun;	   /* daemon_lastrun when the daemon was entered last */
	__u64 synced;	   /* chunk + 1 of the last start_sync emitted, 0: emit the next */
	__u64 run_first;   /* during a load: start of the current run of set bits */
	__u64 run_nr;

	/* members.h */
	__u64 members; /* that pages of an internal bitmap go to, as emitted last */
	__u32 members_beyond;
	__u32 page_writes; /* page writes begun, plus those ended */
	__u32 members_at;  /* page_writes when the members were last examined */

	/* trace/ll_bytes.h */
	__u32 ll_marked; /* 1 + number of the block that was marked last */

	/* stack_policy.h */
	__u32 pages_unwritten;
	__u32 anomaly;
	__u32 sb_due; /* a pass has found need_sync, page 0 was not submitted since */
};

struct bitmap_row {
	struct known_bitmap slots[BITMAP_SLOTS];
};

static struct bitmap_row bitmap_rows[1 << BITMAP_ROW_BITS];

__u32 bitmap_registering __weak = 0; /* a CPU is registering a bitmap */
__u32 bitmap_id_last __weak = 0;
__u32 storage_last __weak = 0;
__u32 bitmaps_traced __weak = 0; /* if 0, system-wide hooks return at once */
__u32 file_bitmaps_traced __weak = 0;

static __always_inline struct bitmap_row *bitmap_row(__u64 address)
{
	return &bitmap_rows[address_hash(address, BITMAP_ROW_BITS)];
}

/* Returns the bitmap, traced or not; NULL if it is not registered. */
static __always_inline struct known_bitmap *bitmap_find(__u64 address)
{
	return INDEXED_SLOT_FIND(bitmap_row(address), address);
}

/* Returns the bitmap in slot nr. */
static __always_inline struct known_bitmap *bitmap_at(__u32 nr)
{
	nr &= BITMAPS_MAX - 1;
	return &bitmap_rows[nr / BITMAP_SLOTS].slots[nr & (BITMAP_SLOTS - 1)];
}

/* The traced bitmap at this address, or NULL. */
static __always_inline struct known_bitmap *bitmap_lookup(const void *bitmap)
{
	struct known_bitmap *known;

	if (!bitmap || !recording)
		return NULL;
	known = bitmap_find((__u64)bitmap);
	return known && known->id ? known : NULL;
}

/*
 * Is this a page of a traced bitmap? The table may have a page that a resize has
 * replaced since. The bitmap and the page's slot, or NULL.
 */
static __always_inline struct known_bitmap *page_lookup(__u64 address, struct known_page **of)
{
	struct known_page *page = recording ? page_find(address) : NULL;
	struct known_bitmap *known;

	if (!page)
		return NULL;
	known = bitmap_at(page->bitmap);
	if (!known->id || known->storage != page->storage)
		return NULL;
	*of = page;
	return known;
}

/* ---- registering ------------------------------------------------------------------ */

static __always_inline struct known_bitmap *bitmap_alloc(__u64 address)
{
	struct known_bitmap *known = INDEXED_SLOT_ALLOC(bitmap_row(address));

	if (!known)
		return NULL;
	known->nr = address_hash(address, BITMAP_ROW_BITS) * BITMAP_SLOTS + known->in_row;
	__builtin_memset(&known->id, 0, sizeof(*known) - offsetof(struct known_bitmap, id));
	known->clear_stack = -1;
	slot_publish(&known->address, address);
	return known;
}

static __always_inline void bitmaps_traced_add(const struct known_bitmap *known, __u32 nr)
{
	__sync_fetch_and_add(&bitmaps_traced, nr);
	if (known->file)
		__sync_fetch_and_add(&file_bitmaps_traced, nr);
}

/*
 * Allocates a slot for a bitmap that is not registered, also if its array is not traced.
 * Returns the slot of a traced bitmap, still without an id. NULL if the array is not traced,
 * another CPU is registering a bitmap, or there is no free slot; in the last case *full is set
 * if the array is traced.
 */
static __always_inline struct known_bitmap *bitmap_register_at(__u64 address, struct mddev *mddev,
							       bool *full)
{
	bool traced = array_traced(mddev);
	struct known_bitmap *known = NULL;

	if (__sync_val_compare_and_swap(&bitmap_registering, 0, 1))
		return NULL;
	if (!bitmap_find(address)) {
		known = bitmap_alloc(address);
		*full = !known && traced;
	}
	__sync_lock_test_and_set(&bitmap_registering, 0);
	if (!known || !traced)
		return NULL;
	known->mddev = (__u64)mddev;
	return known;
}

/* The same of a classic bitmap, counted among the traced ones. */
static __always_inline struct known_bitmap *bitmap_register(struct bitmap *bitmap, bool *full)
{
	struct known_bitmap *known = bitmap_register_at((__u64)bitmap, KREAD(bitmap, mddev), full);

	if (!known)
		return NULL;
	known->flags_at = (__u64)bitmap + bpf_core_field_offset(struct bitmap, flags);
	known->impl = BT_IMPL_CLASSIC;
	known->file = KREAD(bitmap, storage.file) != NULL;
	bitmaps_traced_add(known, 1);
	return known;
}

/*
 * True for the one CPU that may read the new storage; false if it is not new or another CPU
 * reads it.
 */
static __always_inline bool bitmap_claim_storage(struct known_bitmap *known, __u64 filemap)
{
	__u64 old = *(volatile __u64 *)&known->filemap;

	return old != filemap && __sync_val_compare_and_swap(&known->filemap, old, filemap) == old;
}

/* Called before the pages are registered: the bitmap may be described by then. */
static __always_inline void bitmap_read_storage(struct bitmap *bitmap, struct known_bitmap *known)
{
	struct mddev *mddev = (struct mddev *)known->mddev;

	known->filemap = (__u64)KREAD(bitmap, storage.filemap);
	known->counters = (__u64)KREAD(bitmap, counts.bp);
	known->chunks = KREAD(bitmap, counts.chunks);
	known->chunk_shift = KREAD(bitmap, counts.chunkshift);
	known->bytes = KREAD(bitmap, storage.bytes);
	known->file_pages = KREAD(bitmap, storage.file_pages);
	known->header_bits = KREAD(bitmap, storage.sb_page) ? BITMAP_SUPER_BYTES << 3 : 0;
	known->level = KREAD(mddev, level);
	known->layout = KREAD(mddev, layout);
	known->chunk_sectors = KREAD(mddev, chunk_sectors);
	known->raid_disks = KREAD(mddev, raid_disks);
	known->pages_unwritten = 0;
}

/* An internal bitmap of a cluster node starts at sb_index; filemap does not. */
static __always_inline void bitmap_enter_pages(struct known_bitmap *known)
{
	known->storage = __sync_fetch_and_add(&storage_last, 1) + 1;
	known->unplaced = pages_enter(known->filemap, known->file_pages, known->nr, known->storage);
}

/*
 * Looks up the traced bitmap, and registers it if it is new or __bitmap_resize has replaced its
 * storage. Used by the functions that begin an operation: the first of them registers a bitmap,
 * so arrays that existed before the attach need no code of their own. register_storage:
 * registers the bitmap at this address.
 */
static __always_inline struct known_bitmap *bitmap_lookup_or(struct bitmap *bitmap,
							     int (*register_storage)(__u64))
{
	struct known_bitmap *known;
	__u64 address = 0;

	if (!bitmap || !recording)
		return NULL;
	known = bitmap_find((__u64)bitmap);
	if (!known || (known->id && known->filemap != (__u64)KREAD(bitmap, storage.filemap))) {
		/* As a number: a global function takes no such pointer. */
		bpf_probe_read_kernel(&address, sizeof(address), &bitmap);
		register_storage(address);
		known = bitmap_find((__u64)bitmap);
	}
	return known && known->id ? known : NULL;
}

/* At the entry of md_bitmap_free: it still owns its pages, and its address is not reused yet. */
static __always_inline void bitmap_forget(struct bitmap *bitmap, struct known_bitmap *known)
{
	if (known->id) {
		pages_forget((__u64)KREAD(bitmap, storage.filemap),
			     KREAD(bitmap, storage.file_pages));
		bitmaps_traced_add(known, -1);
	}
	known->id = 0;
	slot_free(&known->address);
}

/* The slot of a page by its index; NULL: it has none. */
static __always_inline struct known_page *page_of_index(const struct known_bitmap *known,
							__u64 index)
{
	struct page **filemap = (struct page **)known->filemap;
	struct known_page *page = filemap ? page_find(KREAD_AT(__u64, filemap + index)) : NULL;

	return page && page->bitmap == known->nr ? page : NULL;
}

/* ---- bits -------------------------------------------------------------------------- */

/*
 * file_page_index(), file_page_offset(): the bit of a sector's chunk, counted from the begin of
 * the storage.
 */
static __always_inline __u64 storage_bit(const struct known_bitmap *known, __u64 sector)
{
	return (sector >> known->chunk_shift) + known->header_bits;
}

#endif /* BITMAP_TRACE_BITMAP_TABLE_H */
