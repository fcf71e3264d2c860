// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bitmap pages through the file system's ->write_iter, with or without the page cache: kernels
 * with a md_bitmap_file_write_page(bitmap, page, iocb_flags, pos, bytes), as in
 * vm/patches/fileio. It returns when the page is written.
 */
#include "core/program.h"
#include "trace/page_write.h"

/* include/linux/fs.h: ki_flags of a struct kiocb */
#define IOCB_DSYNC  (1 << 1)
#define IOCB_DIRECT (1 << 17)

/*
 * O_DSYNC's promise covers the disk's cache; how the file system keeps it, by FUA or by a flush,
 * is not looked at.
 */
static __always_inline void sample_file(struct bt_event *e, struct bitmap *bitmap, int iocb_flags)
{
	struct super_block *sb = BPF_CORE_READ(bitmap, storage.file, f_mapping, host, i_sb);
	struct block_device *bdev = KREAD(sb, s_bdev);

	e->page.dev = KREAD(sb, s_dev);
	if (iocb_flags & IOCB_DSYNC)
		e->page.cache = BT_CACHE_FUA;
	else
		e->page.cache = bdev ? sample_cache(bdev, 0) : BT_CACHE_VOLATILE;
}

/*
 * Without either flag the data is in the page cache when the function returns: that is not the
 * end of a page write, and neither its begin nor its end is emitted.
 */
static __always_inline void emit_file_write(void *ctx, struct bitmap *bitmap, struct page *of,
					    int iocb_flags, __u32 type, int ret)
{
	struct known_page *page = NULL;
	struct known_bitmap *known = page_lookup((__u64)of, &page);
	struct bt_event *e;

	if (!(iocb_flags & (IOCB_DSYNC | IOCB_DIRECT)) || !known || !page ||
	    known->address != (__u64)bitmap)
		return;
	if (type == BT_PAGE_WRITE_START)
		policy_write_begins(page);
	e = bitmap_event(bitmap, known, type);
	if (!e)
		return;
	e->page.io = (__u64)of;
	e->page.page = page->index;
	e->page.nr_pages = 1;
	e->page.backend = BT_BACKEND_FILEIO;
	e->status = ret ? BT_STATUS_IOERR : 0;
	if (type == BT_PAGE_WRITE_START)
		sample_file(e, bitmap, iocb_flags);
	if (type == BT_PAGE_WRITE_START ? stack_for_page_write(known, page, 1)
					: known->loading || ret)
		take_stack(ctx, e);
	event_submit(e);
	if (type == BT_PAGE_WRITE_END)
		policy_write_ends(known, page, ret, 1);
}

/*
 * Entry: every change of the page that its caller has made is carried by the write that a worker
 * begins later.
 */
SEC("fentry/queue_file_page")
int BPF_PROG(queue_file_page, struct bitmap *bitmap, unsigned long pg_index)
{
	struct known_bitmap *known = bitmap_lookup(bitmap);
	struct bt_event *e = known ? bitmap_event(bitmap, known, BT_PAGE_QUEUED) : NULL;

	if (!e)
		return 0;
	e->page.page = pg_index;
	e->page.nr_pages = 1;
	e->page.backend = BT_BACKEND_FILEIO;
	event_submit(e);
	return 0;
}

/* Entry: the page is copied, or handed to the file system, after this. */
SEC("fentry/md_bitmap_file_write_page")
int BPF_PROG(file_write_page, struct bitmap *bitmap, struct page *page, int iocb_flags)
{
	emit_file_write(ctx, bitmap, page, iocb_flags, BT_PAGE_WRITE_START, 0);
	return 0;
}

/*
 * Exit: pending_writes is not lowered yet, so the waiter in md_bitmap_wait_writes still waits.
 */
SEC("fexit/md_bitmap_file_write_page")
int BPF_PROG(file_write_page_exit, struct bitmap *bitmap, struct page *page, int iocb_flags,
	     s64 pos, unsigned int bytes, int ret)
{
	emit_file_write(ctx, bitmap, page, iocb_flags, BT_PAGE_WRITE_END, ret);
	return 0;
}
