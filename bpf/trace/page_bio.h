/* SPDX-License-Identifier: GPL-2.0-only */
/* Page cache: the bios that carry bitmap pages to a disk. */
#ifndef BITMAP_TRACE_PAGE_BIO_H
#define BITMAP_TRACE_PAGE_BIO_H

#include "trace/page_write.h"

struct bio_scan {
	struct bio *bio;
};

static __always_inline void emit_page_bio(struct bio *bio, struct known_bitmap *known,
					  const struct known_page *page, __u32 bytes)
{
	struct bt_event *e = bitmap_event((struct bitmap *)known->address, known, BT_PAGE_BIO);
	struct block_device *bdev;

	if (!e)
		return;
	bdev = KREAD(bio, bi_bdev);
	e->opf = KREAD(bio, bi_opf);
	e->page.io = (__u64)bio;
	e->page.page = page->index;
	e->page.nr_pages = (bytes + (1 << BITMAP_PAGE_SHIFT) - 1) >> BITMAP_PAGE_SHIFT;
	e->page.dev = KREAD(bdev, bd_dev);
	e->page.backend = BT_BACKEND_PAGECACHE;
	e->page.cache = sample_cache(bdev, e->opf);
	e->page.bytes = bytes;
	event_submit(e);
}

static long scan_bvec(__u32 i, void *data)
{
	struct bio *bio = ((struct bio_scan *)data)->bio;
	char *vector = (char *)KREAD(bio, bi_io_vec);
	struct bio_vec *bvec = (void *)(vector + i * bpf_core_type_size(struct bio_vec));
	struct known_page *page = NULL;
	struct known_bitmap *known = page_lookup((__u64)KREAD(bvec, bv_page), &page);

	if (!known || !page || !known->file)
		return 0;
	page->bios = 1;
	emit_page_bio(bio, known, page, KREAD(bvec, bv_len));
	return 0;
}

/*
 * The file system's own bio, before any driver below has seen it. Clones made by stacked
 * devices have no vector of their own (bi_vcnt 0) and emit no second event. The buffer heads of
 * stock md write pages that are not in the page cache; submit_bh has an event for them.
 */
static __always_inline void emit_page_bios(struct bio *bio)
{
	struct bio_scan scan = { .bio = bio };

	bpf_loop(bio->bi_vcnt, scan_bvec, &scan, 0);
}

#endif /* BITMAP_TRACE_PAGE_BIO_H */
