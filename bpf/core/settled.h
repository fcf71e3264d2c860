/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which kernel stacks are worth their price. Unwinding one costs several times
 * what the rest of a probe does. The rules that a data write or the return of
 * an unplug may break (intent-before-data, unplug-durable) hold as long as
 * every page with a set_bit has had a whole write since, and then no one asks
 * for the stack. So the probes keep an eye on the pages: one that has had a
 * set_bit is open, until a write of all its parts, begun after the last of
 * them, has ended without error. And a bitmap is suspect from the first time
 * on that a counter or a bit is not what a correct kernel leaves.
 *
 * This only ever errs towards open, and so towards a stack that nobody needs:
 * the set_bit is counted before its record has a place in the stream, an end
 * after; a write counts what was set before its own record has one.
 *
 * Other rules are broken by one event alone, or by few, and the probe that
 * tells of it can see that: each says below, or where it is, when it may be so.
 */
#ifndef BITMAP_TRACE_SETTLED_H
#define BITMAP_TRACE_SETTLED_H

#include "core/probe.h"

static __always_inline bool wants_stack(const struct known_bitmap *known)
{
	return known->open_pages || known->suspect || known->loading || strict;
}

/*
 * Of a page write: superblock-before-clears, no-overlapping-writes (more under
 * way than make up one of the whole page), and all of a load, of which there
 * are few. After settled_write_begins.
 */
static __always_inline bool write_wants_stack(struct known_bitmap *known,
					      const struct known_page *page, __u32 parts)
{
	if (page->index == 0)
		known->sb_due = 0;
	return known->loading || known->sb_due || page->in_flight > parts;
}

static __always_inline void page_open(struct known_bitmap *known, struct known_page *page)
{
	if (!__sync_lock_test_and_set(&page->open, 1))
		__sync_fetch_and_add(&known->open_pages, 1);
}

/* The entry of page number nr. A page that is not in the map makes all of the bitmap suspect. */
static __always_inline struct known_page *page_number(struct bitmap *bitmap,
						      struct known_bitmap *known, __u64 nr)
{
	struct page **filemap = (struct page **)known->filemap;
	struct known_page *page = NULL;
	__u64 key = 0;

	if (filemap && !bpf_probe_read_kernel(&key, sizeof(key), filemap + nr))
		page = find_page(key);
	if (!page || page->bitmap != bitmap) {
		known->suspect = 1;
		return NULL;
	}
	return page;
}

/* Before the record of set_bit's entry */
static __always_inline void settled_set_begins(struct bitmap *bitmap, struct known_bitmap *known,
					       __u64 nr)
{
	struct known_page *page = page_number(bitmap, known, nr);

	if (!page)
		return;
	__sync_fetch_and_add(&page->sets_begun, 1);
	page->parts_done = 0;
	page_open(known, page);
}

/* After the record of its exit: a write that begins from now on carries the bit. */
static __always_inline void settled_set_ends(struct bitmap *bitmap, struct known_bitmap *known,
					     __u64 nr)
{
	struct known_page *page = page_number(bitmap, known, nr);

	if (page)
		__sync_fetch_and_add(&page->sets_done, 1);
}

/* Before the record of the start. Of those in flight at once the first one counts for all. */
static __always_inline void settled_write_begins(struct known_page *page)
{
	__u32 sets = page->sets_done;

	if (__sync_fetch_and_add(&page->in_flight, 1) == 0)
		page->sets_carried = sets;
}

/* After the record of the end. parts: how many writes make up one of the whole page. */
static __always_inline void settled_write_ends(struct known_bitmap *known, struct known_page *page,
					       bool failed, __u32 parts)
{
	bool carries = !failed && page->sets_carried == page->sets_begun;

	if ((__s32)__sync_fetch_and_add(&page->in_flight, -1) <= 0)
		page->in_flight = 0; /* began before we came */
	if (failed)
		known->suspect =
			1; /* whatever comes next should have waited for a reaction to it */
	if (!carries || __sync_fetch_and_add(&page->parts_done, 1) + 1 < parts)
		return;
	if (__sync_lock_test_and_set(&page->open, 0))
		__sync_fetch_and_add(&known->open_pages, -1);
	/* A set_bit that began meanwhile may have found it open still. */
	if (page->sets_carried != page->sets_begun)
		page_open(known, page);
}

#endif /* BITMAP_TRACE_SETTLED_H */
