/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The bitmaps that are measured, and their pages. Every hook begins by asking
 * whether a bitmap is known, many times a write: so they are in a small table
 * by address in the object's own memory, and no map is asked.
 */
#ifndef BITMAP_TRACE_LATENCY_KNOWN_H
#define BITMAP_TRACE_LATENCY_KNOWN_H

#include "vmlinux.h"
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "core/each_page.h"
#include "hist/latency_bit.h"
#include "shared/kernel_latency.h"

#define KNOWN_BITS     8
#define KNOWN_MAX      (1 << KNOWN_BITS)
#define KNOWN_TRIES    8 /* places an address may be at */
#define KNOWN_NEVER    0
#define KNOWN_GONE     1
#define ARRAY_UNTRACED (~0U)
#define PAGE_BIT_SHIFT 15	  /* bits of a page of 4 KiB */
#define SB_BITS	       (256 << 3) /* file_page_index(): a superblock comes before the bits */
#define PAGES_HELD     4	  /* a power of 2 */

/* How a sector of a member leads to the sector of the array that startwrite was given. */
enum placing { PLACED_NOT = 0, PLACED_SAME = 1, PLACED_NEAR = 2 };

struct page_of_index {
	__u64 index; /* + 1 */
	__u64 address;
};

struct known {
	__u64 address; /* of the struct bitmap; set last, for others look here */
	__u64 filemap; /* storage.filemap whose pages are known */
	__u32 nr;      /* its place among the known */
	__u32 array;   /* index of its histograms; ARRAY_UNTRACED */
	__u32 id;      /* of its bits: never the same again, also after a resize */
	__u32 file;
	__u32 placing;				    /* enum placing */
	__u32 near_copies, raid_disks, chunk_shift; /* raid10 */
	__u32 has_bits;				    /* in the table of bits, or had some */
	__u32 bit_shift;			    /* a bit stands for so many sectors, log2 */
	__u32 sb_bits;				    /* what comes before the bits of chunk 0 */
	struct page_of_index held[PAGES_HELD];	    /* of filemap, those that were asked for last */
};

/* A page of a bitmap, by the address of its struct page. */
struct known_page {
	__u64 address;
	__u32 of; /* its bitmap's place in known */
	__u32 id; /* that it had: the page is not the bitmap's any more when it has another one */
	__u64 dirty_ns; /* first set_bit since it was last submitted; 0: none */
	__u64 waiting;	/* chunk + 1 of the newest bit that waits for a write to begin; 0: none */
};

#define PAGE_ROWS_BITS 12
#define PAGE_PLACES    8 /* 32768 pages in all, at most this many that fall into the same row */

struct page_row {
	struct known_page places[PAGE_PLACES];
};

static struct page_row pages[1 << PAGE_ROWS_BITS];

/* Arrays asked for with -a, by dev_t; read only when filter_arrays is set. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 256);
	__type(key, __u32);
	__type(value, __u8);
} traced_arrays SEC(".maps");

const volatile bool filter_arrays = false;

__u32 counting = 0;	   /* set by user space while COMMAND runs */
static __u32 learning = 0; /* a CPU is at it */
static __u32 id_last = 0;
static __u32 file_bitmaps = 0; /* lets hooks on the page cache leave at once */
static __u32 bitmaps_nr = 0;   /* lets hooks on the block layer leave at once */

static struct known known[KNOWN_MAX] = {};
struct bt_kernel_array arrays[BT_KERNEL_ARRAYS_MAX] = {};
__u64 lost[BT_LATENCY_LOSSES] = {};

static __always_inline void count_loss(__u32 reason)
{
	if (reason < BT_LATENCY_LOSSES)
		__sync_fetch_and_add(&lost[reason], 1);
}

static __always_inline __u32 known_row(__u64 address)
{
	return address_row(address, KNOWN_BITS);
}

static __always_inline struct known *known_at(__u32 row, __u32 nth)
{
	return &known[(row + nth) & (KNOWN_MAX - 1)];
}

static __always_inline struct known *known_any(__u64 address)
{
	__u32 row = known_row(address);
	int i;

#pragma unroll
	for (i = 0; i < KNOWN_TRIES; i++)
		if (known_at(row, i)->address == address)
			return known_at(row, i);
	return NULL;
}

/* The traced bitmap at this address, or NULL. For functions that end something. */
static __always_inline struct known *bitmap_get(__u64 address)
{
	struct known *found;

	if (!counting || address <= KNOWN_GONE)
		return NULL;
	found = known_any(address);
	return found && found->array < BT_KERNEL_ARRAYS_MAX ? found : NULL;
}

static __always_inline struct page_row *page_row(__u64 address)
{
	return &pages[address_row(address, PAGE_ROWS_BITS)];
}

static __always_inline struct known_page *page_at(__u64 address)
{
	return ROW_GET(page_row(address), address);
}

/* ---- learning one ------------------------------------------------------------ */

static long remember_page(__u32 i, void *data)
{
	struct scan_pages *scan = data;
	__u64 address = scanned_page(scan, i);
	struct page_row *row = page_row(address);
	struct known_page *page;

	if (!address)
		return 0;
	page = ROW_GET(row, address);
	if (!page)
		page = ROW_TAKE(row);
	if (!page) {
		count_loss(BT_LATENCY_LOST_PAGES);
		return 0;
	}
	page->of = (__u32)scan->owner;
	page->id = scan->owner >> 32;
	page->dirty_ns = page->waiting = 0;
	place_tell(&page->address, address);
	return 0;
}

static long forget_page(__u32 i, void *data)
{
	__u64 address = scanned_page(data, i);
	struct known_page *page = address ? page_at(address) : NULL;

	if (page)
		place_tell(&page->address, PLACE_FREE);
	return 0;
}

/* An array is stopped, or its bitmap resized: its chunks mean nothing any more. */
static __always_inline void forget_bits(struct known *of)
{
	if (!of->has_bits)
		return;
	of->has_bits = 0;
	bits_forget(of->id);
}

/* device-mapper's arrays have no gendisk of md's; their members are not held by md. */
static __always_inline bool array_traced(struct mddev *mddev)
{
	__u32 dev = BPF_CORE_READ(mddev, unit);

	if (!BPF_CORE_READ(mddev, gendisk))
		return false;
	return !filter_arrays || bpf_map_lookup_elem(&traced_arrays, &dev);
}

/* Its place among the arrays, by its number: one that is assembled again goes on. */
static __always_inline __u32 array_of(struct mddev *mddev)
{
	__u32 dev = BPF_CORE_READ(mddev, unit), i;
	struct bt_kernel_array *array;

	for (i = 0; i < BT_KERNEL_ARRAYS_MAX; i++) {
		array = &arrays[i];
		if (array->name[0] && array->dev == dev)
			return i;
		if (array->name[0])
			continue;
		array->dev = dev;
		bpf_probe_read_kernel(array->name, sizeof(array->name),
				      BPF_CORE_READ(mddev, gendisk, disk_name));
		return i;
	}
	count_loss(BT_LATENCY_LOST_ARRAYS);
	return ARRAY_UNTRACED;
}

/* setup_geo(), drivers/md/raid10.c: without far copies it goes by division alone. */
static __always_inline void learn_placing(struct known *new, struct mddev *mddev)
{
	__u32 layout = BPF_CORE_READ(mddev, layout), chunk = BPF_CORE_READ(mddev, chunk_sectors);
	const __u64 max_sector = ~0ULL; /* MaxSector: no reshape */
	int level = BPF_CORE_READ(mddev, level);

	new->placing = level == 1 ? PLACED_SAME : PLACED_NOT;
	new->near_copies = layout & 255;
	new->raid_disks = BPF_CORE_READ(mddev, raid_disks);
	if (level == 10 && layout >> 8 == 1 && new->near_copies &&
	    chunk &&BPF_CORE_READ(mddev, reshape_position) == max_sector) {
		new->placing = PLACED_NEAR;
		new->chunk_shift = bt_log2(chunk);
	}
}

static __always_inline struct known *free_place(__u64 address)
{
	__u32 row = known_row(address);
	int i;

#pragma unroll
	for (i = 0; i < KNOWN_TRIES; i++)
		if (known_at(row, i)->address <= KNOWN_GONE) {
			known_at(row, i)->nr = (row + i) & (KNOWN_MAX - 1);
			return known_at(row, i);
		}
	count_loss(BT_LATENCY_LOST_ARRAYS);
	return NULL;
}

static __always_inline void learn_storage(struct known *of, struct bitmap *bitmap)
{
	__u64 filemap = (__u64)BPF_CORE_READ(bitmap, storage.filemap);

	of->id = __sync_fetch_and_add(&id_last, 1) + 1; /* of 24 bits: bit_key() */
	of->bit_shift = BPF_CORE_READ(bitmap, counts.chunkshift);
	of->sb_bits = BPF_CORE_READ(bitmap, storage.sb_page) ? SB_BITS : 0;
	__builtin_memset(of->held, 0, sizeof(of->held));
	each_page(bitmap, remember_page, (__u64)of->id << 32 | of->nr);
	__sync_lock_test_and_set(&of->filemap, filemap); /* last: others go by the rest then */
}

static __always_inline struct known *learn_new(struct bitmap *bitmap)
{
	struct mddev *mddev = BPF_CORE_READ(bitmap, mddev);
	struct known *new = known_any((__u64)bitmap);

	if (new)
		return new; /* another CPU was faster */
	new = free_place((__u64)bitmap);
	if (!new)
		return NULL;
	new->array = array_traced(mddev) ? array_of(mddev) : ARRAY_UNTRACED;
	new->file = BPF_CORE_READ(bitmap, storage.file) != NULL;
	learn_placing(new, mddev);
	if (new->array < BT_KERNEL_ARRAYS_MAX) {
		learn_storage(new, bitmap);
		__sync_fetch_and_add(&bitmaps_nr, 1);
		if (new->file)
			__sync_fetch_and_add(&file_bitmaps, 1);
	}
	/* With a full barrier: who finds the address finds the rest. */
	__sync_lock_test_and_set(&new->address, (__u64)bitmap);
	return new;
}

/*
 * old: NULL for one never met, else one whose storage has changed. One CPU at
 * a time; what others see of a bitmap that is being learned is not measured.
 */
static __noinline struct known *learn(struct bitmap *bitmap, struct known *old)
{
	struct known *found = old;

	if (__sync_val_compare_and_swap(&learning, 0, 1))
		return NULL;
	if (old && old->filemap != (__u64)BPF_CORE_READ(bitmap, storage.filemap)) {
		forget_bits(old);
		learn_placing(old, BPF_CORE_READ(bitmap, mddev));
		learn_storage(old, bitmap);
	} else if (!old) {
		found = learn_new(bitmap);
	}
	__sync_lock_test_and_set(&learning, 0);
	return found;
}

/* The same as bitmap_get, and introduces it when it is new. For functions that begin something. */
static __always_inline struct known *bitmap_meet(struct bitmap *bitmap)
{
	struct known *found;

	if (!counting || !bitmap)
		return NULL;
	found = known_any((__u64)bitmap);
	if (!found)
		found = learn(bitmap, NULL);
	return found && found->array < BT_KERNEL_ARRAYS_MAX ? found : NULL;
}

/*
 * And learns its pages afresh when the storage was replaced (__bitmap_resize).
 * bitmap: an argument of the function at hand, for only such are read without a call.
 */
static __always_inline struct known *bitmap_meet_storage(struct bitmap *bitmap)
{
	struct known *found = bitmap_meet(bitmap);

	if (found && found->filemap != (__u64)bitmap->storage.filemap)
		found = learn(bitmap, found);
	return found;
}

static __always_inline void bitmap_forget(struct bitmap *bitmap)
{
	struct known *found = known_any((__u64)bitmap);

	if (!found)
		return;
	if (found->array < BT_KERNEL_ARRAYS_MAX) {
		each_page(bitmap, forget_page, 0);
		forget_bits(found);
		__sync_fetch_and_sub(&bitmaps_nr, 1);
		if (found->file)
			__sync_fetch_and_sub(&file_bitmaps, 1);
	}
	__sync_lock_test_and_set(&found->address, KNOWN_GONE);
}

/* Is this a page of a traced bitmap? One that a resize has replaced has the id of before. */
static __always_inline struct known_page *page_get(__u64 page, struct known **of)
{
	struct known_page *entry = page_at(page);

	if (!entry || !counting)
		return NULL;
	*of = &known[entry->of & (KNOWN_MAX - 1)];
	if ((*of)->id != entry->id || (*of)->address <= KNOWN_GONE)
		return NULL;
	return entry;
}

#endif /* BITMAP_TRACE_LATENCY_KNOWN_H */
