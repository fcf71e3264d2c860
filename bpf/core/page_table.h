/* SPDX-License-Identifier: GPL-2.0-only */
/* The pages that bitmaps hold (storage.filemap), by the address of their struct page. */
#ifndef BITMAP_TRACE_PAGE_TABLE_H
#define BITMAP_TRACE_PAGE_TABLE_H

#include "core/kernel_read.h"
#include "core/slots.h"

#define PAGE_ROW_BITS 13
#define PAGE_SLOTS    8 /* 65536 pages in all, at most this many with the same hash */
#define PAGES_MAX     (PAGE_SLOTS << PAGE_ROW_BITS)

struct known_page {
	__u64 address; /* struct slot */
	__u32 in_row;  /* likewise */
	__u32 nr;      /* of the slot, in the whole table */
	__u32 bitmap;  /* number of the bitmap's slot */
	__u32 storage; /* known_bitmap.storage; if not equal, the page is stale */
	__u32 index;   /* in the bitmap */
	__u32 bios;    /* number of bios of its current writeback */
	__u32 shadow;  /* trace/ll_bytes.h: 1 + number of the copy of its bytes, 0: none */
	/* stack_policy.h */
	__u32 sets_begun;
	__u32 sets_done;
	__u32 sets_carried;
	__u32 in_flight;
	__u32 blocks_done;
	__u32 unwritten;
};

struct page_row {
	struct known_page slots[PAGE_SLOTS];
};

static struct page_row page_rows[1 << PAGE_ROW_BITS];

static __always_inline struct page_row *page_row(__u64 address)
{
	return &page_rows[address_hash(address, PAGE_ROW_BITS)];
}

/* A page that belonged to a bitmap when it was registered, or NULL. */
static __always_inline struct known_page *page_find(__u64 address)
{
	return INDEXED_SLOT_FIND(page_row(address), address);
}

/*
 * The page's own slot, or a free one, which is then allocated to the caller; NULL: there is
 * none.
 */
static __always_inline struct known_page *page_find_or_alloc(__u64 address)
{
	struct page_row *row = page_row(address);
	struct known_page *page = INDEXED_SLOT_FIND(row, address);

	if (page)
		return page;
	page = INDEXED_SLOT_ALLOC(row);
	if (page)
		page->nr = address_hash(address, PAGE_ROW_BITS) * PAGE_SLOTS + page->in_row;
	return page;
}

/* ---- all pages of a bitmap ------------------------------------------------------ */

__u64 pages_unplaced __weak = 0; /* pages without a slot, over all bitmaps */

struct page_scan {
	struct page **filemap;
	__u32 bitmap;
	__u32 storage;
};

static __always_inline __u64 scanned_page(const struct page_scan *scan, __u32 i)
{
	return KREAD_AT(__u64, scan->filemap + i);
}

/* Global: the verifier checks it once, not once for each turn of the loop. */
__weak __noinline int page_enter(__u64 address, __u32 bitmap, __u32 storage, __u32 index)
{
	struct known_page *page = page_find_or_alloc(address);

	if (!page) {
		__sync_fetch_and_add(&pages_unplaced, 1);
		return 0;
	}
	__builtin_memset(&page->bitmap, 0, sizeof(*page) - offsetof(struct known_page, bitmap));
	page->bitmap = bitmap;
	page->storage = storage;
	page->index = index;
	slot_publish(&page->address, address);
	return 0;
}

static long page_enter_one(__u32 i, void *data)
{
	struct page_scan *scan = data;
	__u64 address = scanned_page(scan, i);

	if (address)
		page_enter(address, scan->bitmap, scan->storage, i);
	return 0;
}

static long page_forget(__u32 i, void *data)
{
	__u64 address = scanned_page(data, i);
	struct known_page *page = address ? page_find(address) : NULL;

	if (page)
		slot_free(&page->address);
	return 0;
}

/* Returns how many pages have no slot. */
static __always_inline __u32 pages_enter(__u64 filemap, __u32 nr, __u32 bitmap, __u32 storage)
{
	__u64 unplaced = pages_unplaced;
	struct page_scan scan = {
		.filemap = (struct page **)filemap,
		.bitmap = bitmap,
		.storage = storage,
	};

	if (filemap)
		bpf_loop(nr, page_enter_one, &scan, 0);
	return pages_unplaced - unplaced;
}

static __always_inline void pages_forget(__u64 filemap, __u32 nr)
{
	struct page_scan scan = { .filemap = (struct page **)filemap };

	if (filemap)
		bpf_loop(nr, page_forget, &scan, 0);
}

#endif /* BITMAP_TRACE_PAGE_TABLE_H */
