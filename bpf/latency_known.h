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

#include "each_page.h"
#include "kernel_latency.h"

#define GOLDEN 0x9e3779b97f4a7c15ULL /* 2^64 / phi: multiplied by it, the upper bits are a hash */

#define KNOWN_BITS     8
#define KNOWN_MAX      (1 << KNOWN_BITS)
#define KNOWN_TRIES    8 /* places an address may be at */
#define KNOWN_NEVER    0
#define KNOWN_GONE     1
#define ARRAY_UNTRACED (~0U)
#define PAGE_BIT_SHIFT 15	  /* bits of a page of 4 KiB */
#define SB_BITS	       (256 << 3) /* file_page_index(): a superblock comes before the bits */

struct bpf_map;

/* How a sector of a member leads to the sector of the array that startwrite was given. */
enum placing { PLACED_NOT = 0, PLACED_SAME = 1, PLACED_NEAR = 2 };

struct known {
	__u64 address; /* of the struct bitmap; set last, for others look here */
	__u64 filemap; /* storage.filemap whose pages are known */
	__u32 array;   /* index of its histograms; ARRAY_UNTRACED */
	__u32 id;      /* of its bits: never the same again, also after a resize */
	__u32 file;
	__u32 placing;				    /* enum placing */
	__u32 near_copies, raid_disks, chunk_shift; /* raid10 */
	__u32 has_bits;				    /* in the map of bits, or had some */
};

/* A page of a bitmap, by the address of its struct page. */
struct known_page {
	__u64 bitmap;
	__u64 index;
	__u64 dirty_ns; /* first set_bit since it was last submitted; 0: none */
	__u64 waiting;	/* chunk + 1 of the newest bit that waits for a write to begin; 0: none */
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16384);
	__type(key, __u64);
	__type(value, struct known_page);
} pages SEC(".maps");

struct bit_key {
	__u64 chunk;
	__u64 id;
};

/* A bit that is set: until it is cleared, and until then perhaps on the way to the disk. */
struct bit {
	__u64 set_ns;
	__u64 next;    /* chunk + 1 of one that waits for the same page write; 0: the last */
	__u64 unclear; /* which page write carries it first is not known */
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 131072);
	__type(key, struct bit_key);
	__type(value, struct bit);
} bits SEC(".maps");

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

/* Of an address its lower half alone is a number to the verifier, and may be multiplied. */
static __always_inline __u32 address_row(__u64 address, __u32 bits)
{
	__u32 low;

	asm("%[low] = %[address]" : [low] "=w"(low) : [address] "w"((__u32)address));
	return low * (__u32)(GOLDEN >> 32) >> (32 - bits);
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

/* ---- learning one ------------------------------------------------------------ */

static long remember_page(__u32 i, void *data)
{
	struct scan_pages *scan = data;
	struct known_page entry = { .bitmap = (__u64)scan->bitmap, .index = i };
	__u64 key = scanned_page(scan, i);

	if (key && bpf_map_update_elem(&pages, &key, &entry, BPF_ANY))
		count_loss(BT_LATENCY_LOST_PAGES);
	return 0;
}

static long forget_page(__u32 i, void *data)
{
	__u64 key = scanned_page(data, i);

	if (key)
		bpf_map_delete_elem(&pages, &key);
	return 0;
}

static long forget_bit(struct bpf_map *map, struct bit_key *key, struct bit *value, __u64 *id)
{
	if (key->id == *id)
		bpf_map_delete_elem(&bits, key);
	return 0;
}

/* An array is stopped, or its bitmap resized: its chunks mean nothing any more. */
static __always_inline void forget_bits(struct known *of)
{
	__u64 id = of->id;

	if (!of->has_bits)
		return;
	of->has_bits = 0;
	bpf_for_each_map_elem(&bits, forget_bit, &id, 0);
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
		if (known_at(row, i)->address <= KNOWN_GONE)
			return known_at(row, i);
	count_loss(BT_LATENCY_LOST_ARRAYS);
	return NULL;
}

static __always_inline void learn_storage(struct known *of, struct bitmap *bitmap)
{
	of->id = __sync_fetch_and_add(&id_last, 1) + 1;
	of->filemap = (__u64)BPF_CORE_READ(bitmap, storage.filemap);
	each_page(bitmap, remember_page);
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

/* And learns its pages afresh when the storage was replaced (__bitmap_resize). */
static __always_inline struct known *bitmap_meet_storage(struct bitmap *bitmap)
{
	struct known *found = bitmap_meet(bitmap);

	if (found && found->filemap != (__u64)BPF_CORE_READ(bitmap, storage.filemap))
		found = learn(bitmap, found);
	return found;
}

static __always_inline void bitmap_forget(struct bitmap *bitmap)
{
	struct known *found = known_any((__u64)bitmap);

	if (!found)
		return;
	if (found->array < BT_KERNEL_ARRAYS_MAX) {
		each_page(bitmap, forget_page);
		forget_bits(found);
		__sync_fetch_and_sub(&bitmaps_nr, 1);
		if (found->file)
			__sync_fetch_and_sub(&file_bitmaps, 1);
	}
	__sync_lock_test_and_set(&found->address, KNOWN_GONE);
}

/*
 * Is this a page of a traced bitmap? The map may know a page that was freed
 * since; only what the bitmap still holds counts.
 */
static __always_inline struct known_page *page_get(__u64 page, struct known **of)
{
	struct known_page *entry = bpf_map_lookup_elem(&pages, &page);
	struct page **filemap, *held = NULL;
	struct bitmap *bitmap;

	if (!entry)
		return NULL;
	*of = bitmap_get(entry->bitmap);
	if (!*of)
		return NULL;
	bitmap = (struct bitmap *)entry->bitmap;
	filemap = BPF_CORE_READ(bitmap, storage.filemap);
	if (!filemap || bpf_probe_read_kernel(&held, sizeof(held), filemap + entry->index))
		return NULL;
	return (__u64)held == page ? entry : NULL;
}

#endif /* BITMAP_TRACE_LATENCY_KNOWN_H */
