/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The bytes of a lockless bitmap, and what has become of them. The probes keep a copy of each
 * page's bytes as they were reported last. Whoever may have changed bytes compares, when it
 * returns, memory with the copy, and reports what differs as runs: what the call did itself,
 * what infection did to the neighbours, and what another CPU has changed and not reported yet.
 *
 * A run is emitted before the copy takes it over. So a thread that finds its chunks as in the
 * copy finds them reported, too, and what it emits next comes behind that. Two CPUs that
 * compare at once report a change twice; the second one says nothing new.
 *
 * Bytes that were never reported (BT_LL_NO_NAME in the copy) are reported as found. Then another
 * CPU may change one between the look at it and the record: its record has the byte as not
 * reported before, too, and of the two only the one with an action of the state machine counts.
 */
#ifndef BITMAP_TRACE_LL_BYTES_H
#define BITMAP_TRACE_LL_BYTES_H

#include "core/bitmap_event.h"
#include "core/stack_policy.h"

#define LL_HEADER_BYTES	 1024 /* BITMAP_DATA_OFFSET: before the byte of chunk 0 */
#define LL_PAGE_SHIFT	 12
#define LL_PAGE_BYTES	 (1 << LL_PAGE_SHIFT)
#define LL_OWN_LOOKED_AT 8 /* chunks of a write, before its call may change more */

#define LL_STATE(name)	bpf_core_enum_value(enum llbitmap_state___ll, name)
#define LL_ACTION(name) bpf_core_enum_value(enum llbitmap_action___ll, name)

/* ---- the copies ------------------------------------------------------------------------ */

#define LL_COPIES 512 /* 2 MiB; a bitmap of the usual 128 KiB has at most 32 */

struct ll_copy {
	__u8 bytes[LL_PAGE_BYTES];
};

static struct ll_copy ll_copies[LL_COPIES];
static __u32 ll_copy_used[LL_COPIES];

struct ll_copy_search {
	__u32 found; /* 1 + number */
};

static long ll_copy_try(__u32 i, void *data)
{
	struct ll_copy_search *search = data;

	i &= LL_COPIES - 1;
	if (ll_copy_used[i] || __sync_val_compare_and_swap(&ll_copy_used[i], 0, 1))
		return 0;
	search->found = i + 1;
	return 1;
}

static long ll_copy_clear(__u32 i, void *data)
{
	__u32 nr = *(__u32 *)data & (LL_COPIES - 1);

	*(volatile __u64 *)&ll_copies[nr].bytes[(i << 3) & (LL_PAGE_BYTES - 8)] = ~0ULL;
	return 0;
}

/* 1 + the number of a free one, in which nothing was reported; 0: none is free. */
static __always_inline __u32 ll_copy_alloc(void)
{
	struct ll_copy_search search = {};
	__u32 nr;

	bpf_loop(LL_COPIES, ll_copy_try, &search, 0);
	if (!search.found)
		return 0;
	nr = search.found - 1;
	bpf_loop(LL_PAGE_BYTES / 8, ll_copy_clear, &nr, 0);
	return search.found;
}

static __always_inline void ll_copy_free(__u32 copy)
{
	if (copy)
		ll_copy_used[(copy - 1) & (LL_COPIES - 1)] = 0;
}

/* copy: not 0 */
static __always_inline volatile __u8 *ll_copy_byte(__u32 copy, __u32 at)
{
	return &ll_copies[(copy - 1) & (LL_COPIES - 1)].bytes[at & (LL_PAGE_BYTES - 1)];
}

static __always_inline __u64 ll_copy_word(__u32 copy, __u32 at)
{
	return *(volatile __u64 *)&ll_copies[(copy - 1) & (LL_COPIES - 1)]
			.bytes[at & (LL_PAGE_BYTES - 8)];
}

/* ---- pages ------------------------------------------------------------------------------- */

/* NULL: there is none of this number. */
static __always_inline struct llbitmap_page_ctl___ll *ll_pctl(struct llbitmap___ll *bitmap,
							      __u32 page)
{
	struct llbitmap_page_ctl___ll **all = KREAD(bitmap, pctl);

	return all && page < KREAD(bitmap, nr_pages)
		       ? KREAD_AT(struct llbitmap_page_ctl___ll *, all + page)
		       : NULL;
}

/* Its slot; NULL: it is not in the table. */
static __always_inline struct known_page *ll_page(const struct known_bitmap *known,
						  struct llbitmap_page_ctl___ll *pctl)
{
	struct known_page *page = pctl ? page_find((__u64)KREAD(pctl, page)) : NULL;

	return page && page->bitmap == known->nr && page->shadow ? page : NULL;
}

static __always_inline bool ll_is_protected(__u8 state)
{
	return state == LL_STATE(BitDirty) || state == LL_STATE(BitNeedSync) ||
	       state == LL_STATE(BitSyncing);
}

/* ---- comparing ------------------------------------------------------------------------------ */

/* A comparison on its way, with the run at hand. In memory: see bitmap_table.h on runs. */
struct ll_scan {
	__u32 busy;
	__u32 bitmap; /* number of the slot */
	__u64 pctl;
	__u64 state;		   /* address of the page's bytes */
	__u64 own_first, own_last; /* chunks */
	__u64 first, end;	   /* bytes of the bitmap, from its header on */
	__u32 page;
	__u32 copy;
	__u32 io_size;
	__u32 run_at; /* in the page */
	__u32 run_nr; /* 0: no run */
	__u8 run_before, run_after, run_own;
	__u8 action;
	__u8 flags; /* of the whole comparison */
};

#define LL_SCANS 64

static struct ll_scan ll_scans[LL_SCANS];

static long ll_scan_try(__u32 i, void *data)
{
	__u32 *found = data, nr = (i + bpf_get_smp_processor_id()) & (LL_SCANS - 1);

	if (ll_scans[nr].busy || __sync_val_compare_and_swap(&ll_scans[nr].busy, 0, 1))
		return 0;
	*found = nr + 1;
	return 1;
}

static __always_inline __u64 ll_chunk_at(__u32 page, __u32 at)
{
	return ((__u64)page << LL_PAGE_SHIFT) + at - LL_HEADER_BYTES;
}

static __always_inline __u8 ll_sample_marks(struct llbitmap_page_ctl___ll *pctl, __u32 block)
{
	unsigned long dirty =
		KREAD_AT(unsigned long,
			 (__u64)pctl + bpf_core_field_offset(struct llbitmap_page_ctl___ll, dirty) +
				 (block >> 6) * sizeof(long));
	__u32 page_dirty = bpf_core_enum_value(enum llbitmap_page_state___ll, LLPageDirty);

	return (dirty >> (block & 63) & 1 ? BT_LL_BLOCK_MARKED : 0) |
	       (KREAD(pctl, flags) >> page_dirty & 1 ? BT_LL_PAGE_MARKED : 0);
}

static __always_inline __u8 ll_sample_array(const struct known_bitmap *known)
{
	const __u64 max_sector = ~0ULL; /* MaxSector: no reshape */
	struct mddev *mddev = (struct mddev *)known->mddev;

	return (KREAD(mddev, degraded) > 0 ? BT_LL_DEGRADED : 0) |
	       (KREAD(mddev, reshape_position) != max_sector ? BT_LL_RESHAPE : 0);
}

static long ll_copy_take(__u32 i, void *data)
{
	struct ll_scan *scan = *(struct ll_scan **)data;

	*ll_copy_byte(scan->copy, scan->run_at + i) = scan->run_after;
	return 0;
}

/* The number of a scan, for functions that take no pointer. */
static __always_inline struct ll_scan *ll_scan_at(__u32 nr)
{
	return &ll_scans[nr & (LL_SCANS - 1)];
}

static __noinline int ll_run_end(__u32 nr)
{
	struct ll_scan *scan = ll_scan_at(nr);
	struct known_bitmap *known = bitmap_at(scan->bitmap);
	struct bt_event *e;
	__u8 marks;

	if (!scan->run_nr || !scan->io_size)
		return 0;
	marks = ll_sample_marks((struct llbitmap_page_ctl___ll *)scan->pctl,
				scan->run_at / scan->io_size);
	e = bitmap_event((struct bitmap *)known->address, known, BT_LL_STATE);
	if (e) {
		e->ll_state.chunk = ll_chunk_at(scan->page, scan->run_at);
		e->ll_state.chunks = scan->run_nr;
		e->ll_state.before = scan->run_before;
		e->ll_state.after = scan->run_after;
		e->ll_state.action = scan->action;
		e->ll_state.flags = scan->flags | marks | (scan->run_own ? BT_LL_OWN : 0);
		event_submit(e);
	}
	bpf_loop(scan->run_nr, ll_copy_take, &scan, 0);
	scan->run_nr = 0;
	return 0;
}

/* A byte that differs; runs end at blocks, so that each has the marks of its own. */
static __always_inline void ll_byte_differs(struct ll_scan *scan, __u32 nr, __u32 at, __u8 before,
					    __u8 after)
{
	__u64 chunk = ll_chunk_at(scan->page, at);
	bool own = chunk >= scan->own_first && chunk <= scan->own_last;

	if (scan->run_nr &&
	    (scan->run_at + scan->run_nr != at || scan->run_before != before ||
	     scan->run_after != after || scan->run_own != own || !(at & (scan->io_size - 1))))
		ll_run_end(nr);
	if (!scan->run_nr) {
		scan->run_at = at;
		scan->run_before = before;
		scan->run_after = after;
		scan->run_own = own;
	}
	scan->run_nr++;
}

/* The page that the comparison comes to; false: it has no copy. */
static __always_inline bool ll_next_page(struct ll_scan *scan, __u32 number)
{
	struct known_bitmap *known = bitmap_at(scan->bitmap);
	struct llbitmap_page_ctl___ll *pctl =
		ll_pctl((struct llbitmap___ll *)known->address, number);
	struct known_page *page = ll_page(known, pctl);

	if (!page)
		return false;
	scan->page = number;
	scan->pctl = (__u64)pctl;
	scan->state = (__u64)KREAD(pctl, state);
	scan->copy = page->shadow;
	return true;
}

/* i: of the words from the first one on. One loop over all pages: functions nest only so deep. */
static long ll_compare_word(__u32 i, void *data)
{
	__u32 nr = *(__u32 *)data, at, n;
	struct ll_scan *scan = ll_scan_at(nr);
	__u64 word, copy, byte = scan->first + ((__u64)i << 3);

	at = byte & (LL_PAGE_BYTES - 1);
	if (!scan->copy || scan->page != byte >> LL_PAGE_SHIFT) {
		ll_run_end(nr);
		if (!ll_next_page(scan, byte >> LL_PAGE_SHIFT)) {
			count_loss(BT_LOSS_MAP_FULL, BT_LL_STATE);
			return 1;
		}
	}
	word = KREAD_AT(__u64, scan->state + at);
	copy = ll_copy_word(scan->copy, at);
	if (word == copy) {
		ll_run_end(nr);
		return 0;
	}
	for (n = 0; n < 8; n++, word >>= 8, copy >>= 8) {
		if (byte + n >= scan->end)
			break;
		if ((word & 0xff) == (copy & 0xff))
			ll_run_end(nr);
		else
			ll_byte_differs(scan, nr, at + n, copy & 0xff, word & 0xff);
	}
	return 0;
}

/*
 * Compares the blocks of these chunks, and reports. The chunks that the call was given are
 * own; action: as the kernel numbers it, or BT_LL_BY_*.
 */
static __noinline int ll_compare(struct known_bitmap *known, __u64 first, __u64 last, __u32 action)
{
	struct llbitmap___ll *bitmap = (struct llbitmap___ll *)known->address;
	__u64 chunks = KREAD(bitmap, chunks);
	__u32 io_size = KREAD(bitmap, io_size), found = 0, nr;
	struct ll_scan *scan;

	if (first >= chunks || first > last || !io_size)
		return 0;
	bpf_loop(LL_SCANS, ll_scan_try, &found, 0);
	if (!found) {
		count_loss(BT_LOSS_MAP_FULL, BT_LL_STATE);
		return 0;
	}
	if (last >= chunks)
		last = chunks - 1;
	nr = found - 1;
	scan = ll_scan_at(nr);
	scan->bitmap = known->nr;
	scan->io_size = io_size;
	scan->own_first = first;
	scan->own_last = last;
	scan->action = action;
	scan->flags = ll_sample_array(known);
	scan->copy = 0;
	scan->run_nr = 0;
	/* Blocks are whole words; the header may be part of one. */
	scan->first = (first + LL_HEADER_BYTES) & ~(__u64)(io_size - 1);
	if (scan->first < LL_HEADER_BYTES)
		scan->first = LL_HEADER_BYTES;
	last = (last + LL_HEADER_BYTES) | (io_size - 1);
	scan->end = chunks + LL_HEADER_BYTES;
	if (last < scan->end)
		scan->end = last + 1;
	bpf_loop((scan->end - scan->first + 7) >> 3, ll_compare_word, &nr, 0);
	ll_run_end(nr);
	__sync_lock_test_and_set(&scan->busy, 0);
	return 0;
}

/* ---- the chunks of a write ----------------------------------------------------------------------
 */

struct ll_own {
	__u64 state; /* address of the first chunk's byte */
	__u32 copy;
	__u32 at; /* of the first chunk in the page */
	__u32 nr;
};

/* False: more than are looked at one by one, or not all in one page. */
static __always_inline bool ll_own_of(const struct known_bitmap *known,
				      struct llbitmap___ll *bitmap, __u64 first, __u64 last,
				      struct ll_own *own)
{
	__u64 byte = first + LL_HEADER_BYTES;
	struct llbitmap_page_ctl___ll *pctl = ll_pctl(bitmap, byte >> LL_PAGE_SHIFT);
	struct known_page *page = ll_page(known, pctl);

	own->at = byte & (LL_PAGE_BYTES - 1);
	if (!page || first > last || last - first >= LL_OWN_LOOKED_AT ||
	    own->at + (last - first) >= LL_PAGE_BYTES)
		return false;
	own->nr = last - first + 1;
	own->copy = page->shadow;
	own->state = (__u64)KREAD(pctl, state) + own->at;
	return true;
}

/* All of them in a state that a write leaves as it is? */
static __always_inline bool ll_own_protected(const struct ll_own *own)
{
	__u32 n;

	for (n = 0; n < LL_OWN_LOOKED_AT && n < own->nr; n++)
		if (!ll_is_protected(KREAD_AT(__u8, own->state + n)))
			return false;
	return true;
}

/* All of them as reported? */
static __always_inline bool ll_own_reported(const struct ll_own *own)
{
	__u32 n;

	for (n = 0; n < LL_OWN_LOOKED_AT && n < own->nr; n++)
		if (KREAD_AT(__u8, own->state + n) != *ll_copy_byte(own->copy, own->at + n))
			return false;
	return true;
}

#endif /* BITMAP_TRACE_LL_BYTES_H */
