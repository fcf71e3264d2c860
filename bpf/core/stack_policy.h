/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which events take a kernel stack. Unwinding a stack costs several times what the rest of a
 * probe costs. Data writes and returns of unplug can break intent-before-data and
 * unplug-durable only if some page with a set_bit has had no whole write since. So the probes
 * track the pages: a page with a set_bit is unwritten until a write of all its blocks, begun
 * after the last set_bit, has ended without error. A bitmap has an anomaly from the first time
 * on that a counter or a bit is not as a correct kernel leaves it.
 *
 * This errs only towards unwritten, and so towards an unneeded stack: a set_bit is counted
 * before its record is reserved, an end after; a write counts what was set before its own
 * record is reserved.
 *
 * Other rules are broken by one event alone, or by few, and the probe of that event can detect
 * it: the condition stands below, or with the probe.
 */
#ifndef BITMAP_TRACE_STACK_POLICY_H
#define BITMAP_TRACE_STACK_POLICY_H

#include "core/bitmap_table.h"

/* Flushes are emitted, too (--strict). */
const volatile bool strict __weak = false;

/*
 * For an event that other events must precede. It is evaluated before the record is reserved,
 * since the end of a page write on another CPU may get its record after ours and still be
 * counted before we read the count; and again after, for an anomaly whose record precedes ours.
 */
static __always_inline bool stack_for_data(const struct known_bitmap *known)
{
	return known->pages_unwritten || known->anomaly || known->loading || strict;
}

/*
 * For a page write: superblock-before-clears, no-overlapping-writes (more in flight than one
 * write of the whole page has blocks), and all writes of a load, which are few. Called after
 * policy_write_begins.
 */
static __always_inline bool stack_for_page_write(struct known_bitmap *known,
						 const struct known_page *page, __u32 blocks)
{
	if (page->index == 0)
		known->sb_due = 0;
	return known->loading || known->sb_due || page->in_flight > blocks;
}

static __always_inline void page_set_unwritten(struct known_bitmap *known, struct known_page *page)
{
	if (!__sync_lock_test_and_set(&page->unwritten, 1))
		__sync_fetch_and_add(&known->pages_unwritten, 1);
}

/* A page that is not in the table is an anomaly of the bitmap. */
static __always_inline struct known_page *policy_page(struct known_bitmap *known, __u64 index)
{
	struct known_page *page = page_of_index(known, index);

	if (!page)
		known->anomaly = 1;
	return page;
}

/* Before the record of set_bit's entry */
static __always_inline void policy_set_begins(struct known_bitmap *known, __u64 index)
{
	struct known_page *page = policy_page(known, index);

	if (!page)
		return;
	__sync_fetch_and_add(&page->sets_begun, 1);
	page->blocks_done = 0;
	page_set_unwritten(known, page);
}

/* After the record of its exit: a write that begins from now on carries the bit. */
static __always_inline void policy_set_ends(struct known_bitmap *known, __u64 index)
{
	struct known_page *page = policy_page(known, index);

	if (page)
		__sync_fetch_and_add(&page->sets_done, 1);
}

/*
 * Before the record of the start. If several are in flight at once, the first one counts for
 * all.
 */
static __always_inline void policy_write_begins(struct known_page *page)
{
	__u32 sets = page->sets_done;

	if (__sync_fetch_and_add(&page->in_flight, 1) == 0)
		page->sets_carried = sets;
}

/* After the record of the end. blocks: number of writes that make up a write of the whole page. */
static __always_inline void policy_write_ends(struct known_bitmap *known, struct known_page *page,
					      bool failed, __u32 blocks)
{
	bool carries = !failed && page->sets_carried == page->sets_begun;

	if ((__s32)__sync_fetch_and_add(&page->in_flight, -1) <= 0)
		page->in_flight = 0; /* it began before the probes were attached */
	if (failed)
		known->anomaly = 1; /* later events may be a reaction to it */
	if (!carries || __sync_fetch_and_add(&page->blocks_done, 1) + 1 < blocks)
		return;
	if (__sync_lock_test_and_set(&page->unwritten, 0))
		__sync_fetch_and_add(&known->pages_unwritten, -1);
	/* A set_bit that began meanwhile may have found it still unwritten. */
	if (page->sets_carried != page->sets_begun)
		page_set_unwritten(known, page);
}

#endif /* BITMAP_TRACE_STACK_POLICY_H */
