/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * md's counters in memory, one for each chunk (struct bitmap_counts, drivers/md/md-bitmap.c):
 * 16 bits each, PAGE_COUNTER_RATIO of them in a page. A page that could not be allocated is
 * "hijacked": its pointer serves as two counters for all its chunks, so the counter of a single
 * chunk is not known.
 */
#ifndef BITMAP_TRACE_COUNTERS_H
#define BITMAP_TRACE_COUNTERS_H

#include "core/bitmap_event.h"

#define PAGE_COUNTER_SHIFT    11
#define PAGE_COUNTER_RATIO    (1 << PAGE_COUNTER_SHIFT)
#define PAGE_COUNTER_MASK     (PAGE_COUNTER_RATIO - 1)
#define COUNTER_MAX	      0x3fff /* above: RESYNC_MASK, NEEDED_MASK */
#define COUNTER_OF_ONE_WRITER 3

/* bp: the bitmap's counts.bp */
static __always_inline struct bitmap_page *counter_page(char *bp, __u64 page)
{
	return (struct bitmap_page *)(bp + page * bpf_core_type_size(struct bitmap_page));
}

/* False when the counter of this chunk alone is not known. */
static __always_inline bool sample_counter(const struct known_bitmap *known, __u64 chunk,
					   __u32 *counter)
{
	struct bitmap_page *page =
		counter_page((char *)known->counters, chunk >> PAGE_COUNTER_SHIFT);
	char *map;

	if (chunk >= known->chunks || KREAD_BITS(page, hijacked))
		return false;
	map = KREAD(page, map);
	*counter =
		map ? KREAD_AT(__u16, map + ((chunk & PAGE_COUNTER_MASK) << 1)) & COUNTER_MAX : 0;
	return true;
}

/* The smaller one of the counters at both ends of a range of sectors. */
static __always_inline bool sample_counters(const struct known_bitmap *known, __u64 sector,
					    __u64 sectors, __u32 *counter)
{
	__u32 shift = known->chunk_shift;
	__u64 first = sector >> shift, last = (sector + sectors - 1) >> shift;
	__u32 other = 0;

	if (!sectors || !sample_counter(known, first, counter))
		return false;
	if (last == first)
		return true;
	if (!sample_counter(known, last, &other))
		return false;
	if (other < *counter)
		*counter = other;
	return true;
}

/* ---- which bits a load has read as set: runs of counters that are not 0 ---- */

struct loaded_scan {
	struct bitmap *bitmap;
	/* State of the current run. On the stack the verifier would track each of its values. */
	struct known_bitmap *known;
	char *map;
	__u64 base;   /* first chunk of the current counter page */
	__u64 chunks; /* of the bitmap */
};

static __noinline int emit_run(__u32 id, __u64 chunk, __u64 chunks, bool unknown)
{
	struct bt_event *e = event_reserve(id, BT_LOADED_BITS);

	if (!e)
		return 0;
	e->run.chunk = chunk;
	e->run.chunks = chunks;
	e->run.unknown = unknown;
	event_submit(e);
	return 0;
}

static __always_inline void end_run(struct known_bitmap *known)
{
	if (known->run_nr)
		emit_run(known->id, known->run_first, known->run_nr, false);
	known->run_nr = 0;
}

static __always_inline void loaded_counter(struct known_bitmap *known, __u64 chunk, bool set)
{
	if (!set) {
		end_run(known);
		return;
	}
	if (!known->run_nr)
		known->run_first = chunk;
	known->run_nr++;
}

/* Four counters at a time: most are equal to their neighbours. */
static long loaded_word(__u32 i, void *data)
{
	struct loaded_scan *scan = data;
	__u64 chunk = scan->base + ((__u64)i << 2), word;
	struct known_bitmap *known = scan->known;
	int n;

	if (chunk >= scan->chunks)
		return 1;
	word = KREAD_AT(__u64, scan->map + ((__u64)i << 3));
	if (!word && !known->run_nr)
		return 0;
	for (n = 0; n < 4; n++)
		loaded_counter(known, chunk + n, (word >> (n << 4)) & 0xffff);
	return 0;
}

static long loaded_page(__u32 i, void *data)
{
	struct loaded_scan *scan = data;
	struct bitmap *bitmap = scan->bitmap;
	struct bitmap_page *page = counter_page((char *)KREAD(bitmap, counts.bp), i);
	bool hijacked = KREAD_BITS(page, hijacked);

	scan->base = (__u64)i << PAGE_COUNTER_SHIFT;
	scan->map = KREAD(page, map);
	if (scan->map && !hijacked) {
		bpf_loop(PAGE_COUNTER_RATIO / 4, loaded_word, scan, 0);
		return 0;
	}
	end_run(scan->known);
	if (hijacked)
		emit_run(scan->known->id, scan->base, PAGE_COUNTER_RATIO, true);
	return 0;
}

static __always_inline void emit_loaded_bits(struct bitmap *bitmap, struct known_bitmap *known)
{
	struct loaded_scan scan = {
		.bitmap = bitmap,
		.known = known,
		.chunks = known->chunks,
	};

	known->run_nr = 0;
	bpf_loop(KREAD(bitmap, counts.pages), loaded_page, &scan, 0);
	end_run(known);
}

#endif /* BITMAP_TRACE_COUNTERS_H */
