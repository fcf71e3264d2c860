// SPDX-License-Identifier: GPL-2.0-only
/* Bitmap pages through buffer heads: md's own writer for bitmap files. */
#include "core/program.h"
#include "trace/page_write.h"

#define PAGE_BLOCKS_MAX 8 /* of 512 bytes */

/* How many blocks write_file_page() writes: the chain up to the first block beyond the file. */
static __always_inline __u8 page_blocks(struct buffer_head *of)
{
	struct buffer_head *bh = (void *)KREAD(KREAD(of, b_page), private);
	__u8 blocks = 0;
	int i;

	for (i = 0; i < PAGE_BLOCKS_MAX && bh && KREAD(bh, b_blocknr); i++) {
		bh = KREAD(bh, b_this_page);
		blocks++;
	}
	return blocks;
}

/* of, owner: its b_page and b_private, which distinguish md's buffers from all others. */
static __always_inline void emit_bh(void *ctx, struct buffer_head *bh, struct page *of, void *owner,
				    __u32 type, __u32 opf, __u8 status)
{
	struct known_page *page = NULL;
	struct known_bitmap *known = page_lookup((__u64)of, &page);
	struct block_device *bdev;
	struct bt_event *e;
	__u8 blocks;

	if (!known || !page || known->address != (__u64)owner)
		return;
	blocks = page_blocks(bh);
	if (type == BT_PAGE_WRITE_START)
		policy_write_begins(page);
	e = bitmap_event((struct bitmap *)known->address, known, type);
	if (!e)
		return;
	bdev = KREAD(bh, b_bdev);
	e->opf = opf;
	e->page.io = (__u64)bh;
	e->page.page = page->index;
	e->page.nr_pages = 1;
	e->page.dev = KREAD(bdev, bd_dev);
	e->status = status;
	e->page.backend = BT_BACKEND_BUFFER;
	if (type == BT_PAGE_WRITE_START) {
		e->page.cache = sample_cache(bdev, opf);
		e->page.blocks = blocks;
	}
	if (type == BT_PAGE_WRITE_START ? stack_for_page_write(known, page, blocks)
					: known->loading || status)
		take_stack(ctx, e);
	event_submit(e);
	if (type == BT_PAGE_WRITE_END)
		policy_write_ends(known, page, status, blocks);
}

static __always_inline void emit_submit(void *ctx, struct buffer_head *bh, blk_opf_t opf)
{
	if (file_bitmaps_traced)
		emit_bh(ctx, bh, bh->b_page, bh->b_private,
			op_is_write(opf) ? BT_PAGE_WRITE_START : BT_PAGE_READ_START, opf, 0);
}

/*
 * Entry of submit_bh: the content is final for this write, the bio is not built yet. b_private
 * is the bitmap (read_file_page).
 */
SEC("fentry/submit_bh")
int BPF_PROG(submit_bh, blk_opf_t opf, struct buffer_head *bh)
{
	emit_submit(ctx, bh, opf);
	return 0;
}

/* The same since 7.x, where the caller passes the bio's end_io. */
SEC("fentry/bh_submit")
int BPF_PROG(bh_submit, struct buffer_head *bh, blk_opf_t opf)
{
	emit_submit(ctx, bh, opf);
	return 0;
}

/*
 * Entry of end_bitmap_write: the device has completed the write, pending_writes is not lowered
 * yet, so the waiter in md_bitmap_wait_writes still waits. Reads end here as well; their start
 * was a BT_PAGE_READ_START.
 */
SEC("fentry/end_bitmap_write")
int BPF_PROG(end_bitmap_write, struct buffer_head *bh, int uptodate)
{
	emit_bh(ctx, bh, bh->b_page, bh->b_private, BT_PAGE_WRITE_END, 0,
		uptodate ? 0 : BT_STATUS_IOERR);
	return 0;
}

/* Since 7.x it is the bio's end_io; the bio still has its buffer here (bio_endio_bh). */
SEC("fentry/end_bitmap_write")
int BPF_PROG(end_bitmap_bio, struct bio *bio)
{
	struct buffer_head *bh = bio->bi_private;

	emit_bh(ctx, bh, KREAD(bh, b_page), KREAD(bh, b_private), BT_PAGE_WRITE_END, 0,
		bio->bi_status ? BT_STATUS_IOERR : 0);
	return 0;
}
