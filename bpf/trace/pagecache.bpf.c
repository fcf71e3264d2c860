// SPDX-License-Identifier: GPL-2.0-only
/* Bitmap pages through the page cache: dirtying, writeback, waiting. */
#include "core/program.h"
#include "trace/page_write.h"
#include "trace/register.h"

static __always_inline unsigned long folio_flags(struct folio *folio)
{
	struct folio___memdesc *new = (void *)folio;
	struct folio___flags *old = (void *)folio;

	if (bpf_core_field_exists(new->flags.f))
		return KREAD(new, flags.f);
	return KREAD(old, flags);
}

static __always_inline bool folio_has(struct folio *folio, __u32 flag)
{
	return folio_flags(folio) & (1UL << flag);
}

static __always_inline __u32 folio_pages(struct folio *folio)
{
	struct folio___folio_nr_pages *old = (void *)folio;
	struct folio___nr_pages *new = (void *)folio;

	if (!folio_has(folio, bpf_core_enum_value(enum pageflags, PG_head)))
		return 1;
	if (bpf_core_field_exists(new->_nr_pages))
		return KREAD(new, _nr_pages);
	return KREAD(old, _folio_nr_pages);
}

/*
 * For dirty-context and page-identity, and for dirty-reaches-disk when no bio has carried the
 * page.
 */
static __always_inline bool stack_for_folio(struct known_bitmap *known,
					    const struct known_page *page, const struct bt_event *e)
{
	switch (e->type) {
	case BT_PAGE_DIRTY:
		return known->loading || e->page.dirty != BT_DIRTY_LOCKED;
	case BT_PAGE_WRITE_END:
		return known->loading || !page->bios;
	default:
		return stack_for_page_write(known, page, 1);
	}
}

/*
 * A folio is a bitmap page when its head page is one that the bitmap holds.
 * The file's other folios (stock reads the file around the page cache, and
 * users may read or write it) are not.
 */
static __always_inline void emit_folio(void *ctx, struct folio *folio, __u32 type)
{
	struct known_page *page = NULL;
	struct known_bitmap *known = page_lookup((__u64)folio, &page);
	struct bitmap *bitmap;
	struct bt_event *e;
	bool ours;

	if (!known || !page || !known->file)
		return;
	bitmap = (struct bitmap *)known->address;
	/*
	 * md may hold a page that has left its file. If such a folio is written, it is written
	 * for another file; marking it dirty still emits an event.
	 */
	ours = KREAD(folio, mapping) == KREAD(KREAD(bitmap, storage.file), f_mapping);
	if (!ours && type != BT_PAGE_DIRTY)
		return;
	if (type == BT_PAGE_WRITE_START) {
		policy_write_begins(page);
		page->bios = 0;
	}
	e = bitmap_event(bitmap, known, type);
	if (!e)
		return;
	e->page.io = (__u64)folio;
	e->page.page = page->index;
	e->page.nr_pages = folio_pages(folio);
	e->page.backend = BT_BACKEND_PAGECACHE;
	if (type == BT_PAGE_DIRTY &&
	    folio_has(folio, bpf_core_enum_value(enum pageflags, PG_locked)))
		e->page.dirty |= BT_DIRTY_LOCKED;
	if (!ours)
		e->page.dirty |= BT_DIRTY_NO_MAPPING;
	if (stack_for_folio(known, page, e))
		take_stack(ctx, e);
	event_submit(e);
	if (type == BT_PAGE_WRITE_END)
		policy_write_ends(known, page, false, 1);
}

/*
 * Entry. set_page_dirty comes through here; the change that it announces was made already, so a
 * writeback that starts later carries it.
 */
SEC("fentry/folio_mark_dirty")
int BPF_PROG(mark_dirty, struct folio *folio)
{
	if (file_bitmaps_traced)
		emit_folio(ctx, folio, BT_PAGE_DIRTY);
	return 0;
}

/*
 * Entry: the file system has cleared the dirty flag and is about to write the current content.
 * A change made after this is not counted as covered; the kernel would have to mark the page
 * dirty again for it, too.
 */
SEC("fentry/__folio_start_writeback")
int BPF_PROG(start_writeback, struct folio *folio)
{
	if (file_bitmaps_traced)
		emit_folio(ctx, folio, BT_PAGE_WRITE_START);
	return 0;
}

/* Entry: the write has ended, the flag is still set, the waiters still wait. */
SEC("fentry/folio_end_writeback")
int BPF_PROG(end_writeback, struct folio *folio)
{
	if (file_bitmaps_traced)
		emit_folio(ctx, folio, BT_PAGE_WRITE_END);
	return 0;
}

static __always_inline void emit_mapping(void *ctx, struct address_space *mapping, __u32 type,
					 __s64 start, __s64 end, __s32 ret, __u32 sync_mode)
{
	__u64 key = (__u64)mapping, *address;
	struct known_bitmap *known;
	struct bitmap *bitmap;
	struct bt_event *e;
	bool stack;

	if (!file_bitmaps_traced)
		return;
	address = bpf_map_lookup_elem(&mappings, &key);
	if (!address)
		return;
	bitmap = (struct bitmap *)*address;
	known = bitmap_lookup(bitmap);
	if (!known)
		return;
	if (type == BT_WRITEBACK_ERROR)
		known->anomaly = 1; /* it is not known which page */
	stack = stack_for_data(known);
	e = bitmap_event(bitmap, known, type);
	if (!e)
		return;
	e->writeback.start = start;
	e->writeback.end = end;
	e->writeback.ret = ret;
	e->writeback.sync_mode = sync_mode;
	if (known->loading || (type == BT_WRITEBACK_EXIT && (stack || stack_for_data(known))))
		take_stack(ctx, e);
	event_submit(e);
}

/* The one function behind filemap_fdatawrite, _range, filemap_flush, ... */
SEC("fentry/filemap_fdatawrite_wbc")
int BPF_PROG(fdatawrite, struct address_space *mapping, struct writeback_control *wbc)
{
	emit_mapping(ctx, mapping, BT_WRITEBACK_ENTER, wbc->range_start, wbc->range_end, 0,
		     wbc->sync_mode);
	return 0;
}

SEC("fexit/filemap_fdatawrite_wbc")
int BPF_PROG(fdatawrite_exit, struct address_space *mapping, struct writeback_control *wbc, int ret)
{
	emit_mapping(ctx, mapping, BT_WRITEBACK_EXIT, wbc->range_start, wbc->range_end, ret,
		     wbc->sync_mode);
	return 0;
}

/* Since 6.19 it does not exist; this function is behind all of them. */
SEC("fentry/filemap_writeback")
int BPF_PROG(writeback, struct address_space *mapping, s64 start, s64 end, __u32 sync_mode)
{
	emit_mapping(ctx, mapping, BT_WRITEBACK_ENTER, start, end, 0, sync_mode);
	return 0;
}

SEC("fexit/filemap_writeback")
int BPF_PROG(writeback_exit, struct address_space *mapping, s64 start, s64 end, __u32 sync_mode,
	     long *nr_to_write, int ret)
{
	emit_mapping(ctx, mapping, BT_WRITEBACK_EXIT, start, end, ret, sync_mode);
	return 0;
}

SEC("fentry/filemap_fdatawait_range")
int BPF_PROG(fdatawait, struct address_space *mapping, s64 start, s64 end)
{
	emit_mapping(ctx, mapping, BT_WAIT_ENTER, start, end, 0, 0);
	return 0;
}

SEC("fexit/filemap_fdatawait_range")
int BPF_PROG(fdatawait_exit, struct address_space *mapping, s64 start, s64 end, int ret)
{
	emit_mapping(ctx, mapping, BT_WAIT_EXIT, start, end, ret, 0);
	return 0;
}

SEC("fentry/filemap_fdatawait_keep_errors")
int BPF_PROG(fdatawait_keep, struct address_space *mapping)
{
	emit_mapping(ctx, mapping, BT_WAIT_ENTER, 0, -1, 0, 0);
	return 0;
}

SEC("fexit/filemap_fdatawait_keep_errors")
int BPF_PROG(fdatawait_keep_exit, struct address_space *mapping, int ret)
{
	emit_mapping(ctx, mapping, BT_WAIT_EXIT, 0, -1, ret, 0);
	return 0;
}

/* File systems record a failed write here before they end the writeback. */
SEC("fentry/__filemap_set_wb_err")
int BPF_PROG(set_wb_err, struct address_space *mapping, int err)
{
	emit_mapping(ctx, mapping, BT_WRITEBACK_ERROR, 0, 0, err, 0);
	return 0;
}
