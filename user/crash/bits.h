/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One copy of the bitmap as it may be on disk after a crash.
 *
 * A sector may be on disk in any of its versions: the one that is certainly there, and each
 * one written loosely since (docs/crash.md). A chunk may be left out of a resync if its state
 * in one of them says so; so for each chunk the conjunction over the versions is kept, for each
 * load of the bitmap that gives states a meaning of its own. The first sector also has the
 * superblock, which decides on the load; its versions are kept one by one.
 */
#ifndef BT_CRASH_BITS_H
#define BT_CRASH_BITS_H

#include <stdbool.h>
#include <stdint.h>

#include "crash/bitmap_format.h"
#include "crash/exposure.h"
#include "crash/layout.h"

#define BT_SUPERS_MAX 16 /* versions of the first sector at one time */

struct bt_bits {
	const struct bt_layout *layout; /* not owned */
	struct bt_exposure *exposure;	/* not owned; notified of changes */
	uint32_t copy;
	unsigned char *last;	     /* content written last */
	uint64_t *floor[BT_LOADS];   /* chunks, as bits: resynced with all versions */
	uint64_t resynced[BT_LOADS]; /* number of these */
	uint64_t *writers;	     /* per sector: entry that wrote last */
	unsigned char *loose;	     /* per sector: has several versions */
	uint32_t *loose_list;
	uint32_t loose_nr;
	struct bt_bitmap_super supers[BT_SUPERS_MAX]; /* the last is the newest */
	uint32_t supers_nr;
	bool too_many; /* some versions of the first sector were not stored */
};

int bt_bits_init(struct bt_bits *bits, const struct bt_layout *layout, struct bt_exposure *exposure,
		 uint32_t copy);
void bt_bits_free(struct bt_bits *bits);

/*
 * A log entry writes one sector (BT_SECTOR bytes) of the bitmap; loosely: the previous content
 * may still be there after a crash.
 */
void bt_bits_write(struct bt_bits *bits, uint64_t sector, const unsigned char *data, uint64_t entry,
		   bool loosely);

/* The content written last is on disk. */
void bt_bits_flush(struct bt_bits *bits);

/* Chunks from one on, without the format's first, that are resynced with all versions */
uint64_t bt_bits_resynced(const struct bt_bits *bits, enum bt_load load, uint64_t from);

/* Is the chunk, not one of the format's first, left out of the resync in some version? */
static inline bool bt_bits_bare(const struct bt_bits *bits, enum bt_load load, uint64_t chunk)
{
	return !(bits->floor[load][chunk / 64] >> (chunk % 64) & 1);
}

#endif /* BT_CRASH_BITS_H */
