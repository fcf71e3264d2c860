/* SPDX-License-Identifier: GPL-2.0-only */
/* What is measured for each bitmap and each page; extends the tables of bpf/core. */
#ifndef BITMAP_TRACE_MEASURED_H
#define BITMAP_TRACE_MEASURED_H

#include "core/bitmap_table.h"
#include "hist/bits.h"
#include "shared/kernel_latency.h"

/* How a sector of a member maps to the array sector that startwrite was given. */
enum placing { PLACED_NOT = 0, PLACED_SAME = 1, PLACED_NEAR = 2 };

/* Indexed by the bitmap's slot number. */
struct measured {
	__u32 placing;				    /* enum placing */
	__u32 near_copies, raid_disks, chunk_shift; /* raid10 */
	__u32 has_bits;				    /* it has or had entries in the table of bits */
};

static struct measured measured[BITMAPS_MAX];

/* Indexed by the page's slot number. */
struct page_times {
	__u64 dirty_ns; /* first set_bit since it was last submitted; 0: none */
	__u64 waiting;	/* chunk + 1 of the newest bit that waits for a write to begin; 0: none */
};

static struct page_times page_times[PAGES_MAX];

struct bt_kernel_array arrays[BT_KERNEL_ARRAYS_MAX] = {};
__u64 lost[BT_LATENCY_LOSSES] = {};

static __always_inline void lost_add(__u32 reason, __u64 nr)
{
	if (reason < BT_LATENCY_LOSSES)
		__sync_fetch_and_add(&lost[reason], nr);
}

static __always_inline struct measured *measured_of(const struct known_bitmap *known)
{
	return &measured[known->nr & (BITMAPS_MAX - 1)];
}

static __always_inline struct page_times *times_of(const struct known_page *page)
{
	return &page_times[page->nr & (PAGES_MAX - 1)];
}

/* ---- registering ------------------------------------------------------------------ */

/*
 * The index of the array, found by its number: an array that is assembled again continues its
 * histograms.
 */
static __always_inline __u32 array_index(struct mddev *mddev)
{
	__u32 dev = KREAD(mddev, unit), i;
	struct bt_kernel_array *array;

	for (i = 0; i < BT_KERNEL_ARRAYS_MAX; i++) {
		array = &arrays[i];
		if (array->name[0] && array->dev == dev)
			return i;
		if (array->name[0])
			continue;
		array->dev = dev;
		bpf_probe_read_kernel(array->name, sizeof(array->name),
				      (const void *)KREAD(mddev, gendisk) +
					      bpf_core_field_offset(struct gendisk, disk_name));
		return i;
	}
	return BT_KERNEL_ARRAYS_MAX;
}

/* setup_geo(), drivers/md/raid10.c: without far copies the mapping needs only divisions. */
static __always_inline void read_placing(const struct known_bitmap *known)
{
	struct mddev *mddev = (struct mddev *)known->mddev;
	struct measured *to = measured_of(known);
	__u32 layout = known->layout, chunk = known->chunk_sectors;
	const __u64 max_sector = ~0ULL; /* MaxSector: no reshape */

	to->placing = known->level == 1 ? PLACED_SAME : PLACED_NOT;
	to->near_copies = layout & 255;
	to->raid_disks = known->raid_disks;
	if (known->level != 10 || layout >> 8 != 1 || !to->near_copies || !chunk ||
	    KREAD(mddev, reshape_position) != max_sector)
		return;
	to->placing = PLACED_NEAR;
	to->chunk_shift = bt_log2(chunk);
}

/* An array is stopped or its bitmap resized: its chunk numbers are void. */
static __always_inline void forget_bits(const struct known_bitmap *known)
{
	struct measured *of = measured_of(known);

	if (of->has_bits)
		bits_forget(known->storage);
	of->has_bits = 0;
}

static __always_inline struct known_bitmap *register_new(struct bitmap *bitmap)
{
	bool full = false;
	struct known_bitmap *known = bitmap_register(bitmap, &full);
	__u32 array;

	if (full)
		lost_add(BT_LATENCY_LOST_ARRAYS, 1);
	if (!known)
		return NULL;
	array = array_index((struct mddev *)known->mddev);
	if (array >= BT_KERNEL_ARRAYS_MAX) {
		lost_add(BT_LATENCY_LOST_ARRAYS, 1);
		bitmaps_traced_add(known, -1);
		return NULL; /* not measured: it gets no id */
	}
	known->array = array; /* index of its histograms */
	measured_of(known)->has_bits = 0;
	return known;
}

/*
 * Registers a bitmap that is new or whose storage has changed. Global: the verifier checks it
 * once, not once for each program.
 */
__weak __noinline int register_storage(__u64 address)
{
	struct known_bitmap *known = bitmap_find(address);
	struct bitmap *bitmap = (struct bitmap *)address;
	__u32 id;

	if (known &&
	    (!known->id || !bitmap_claim_storage(known, (__u64)KREAD(bitmap, storage.filemap))))
		return 0;
	if (known)
		forget_bits(known);
	else
		known = register_new(bitmap);
	if (!known)
		return 0;
	id = known->id ?: __sync_fetch_and_add(&bitmap_id_last, 1) + 1;
	known->id = 0;
	bitmap_read_storage(bitmap, known);
	read_placing(known);
	bitmap_enter_pages(known);
	if (known->unplaced)
		lost_add(BT_LATENCY_LOST_PAGES, known->unplaced);
	known->id = id;
	return 0;
}

/* Looks up or registers the traced bitmap. For functions that begin an operation. */
static __always_inline struct known_bitmap *bitmap_lookup_or_register(struct bitmap *bitmap)
{
	return bitmap_lookup_or(bitmap, register_storage);
}

#endif /* BITMAP_TRACE_MEASURED_H */
