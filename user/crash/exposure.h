/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The chunks on which two members differ, and for how many of these a copy of the bitmap asks
 * for no resync. Updated with each change, never recomputed.
 *
 * The states in a bitmap's first sector are left out: they count only together with the
 * superblock in the same sector (bits.h).
 */
#ifndef BT_CRASH_EXPOSURE_H
#define BT_CRASH_EXPOSURE_H

#include <stdbool.h>
#include <stdint.h>

#include "crash/bitmap_format.h"
#include "crash/chunk_set.h"
#include "crash/layout.h"

struct bt_bits;

/* Two members that hold copies of the same data; on raid10 only some pairs do. */
struct bt_pair {
	uint32_t a, b;
	uint32_t *sectors;	    /* per chunk: sectors that differ */
	struct bt_chunk_set differ; /* chunks where sectors is not 0 */
	/* Per copy of the bitmap and load: number of these that are not resynced in some version */
	uint64_t bare[BT_DISKS_MAX][BT_LOADS];
};

struct bt_exposure {
	struct bt_pair *pairs;
	uint32_t pairs_nr;
	int16_t pair_of[BT_DISKS_MAX][BT_DISKS_MAX]; /* -1: none */
	const struct bt_bitmap_format *format;	     /* not owned */
	struct bt_bits *bits;			     /* per copy; not owned */
	uint32_t copies;
};

int bt_exposure_init(struct bt_exposure *exposure, const struct bt_layout *layout,
		     struct bt_bits *bits);
void bt_exposure_free(struct bt_exposure *exposure);

/* Changes by how many sectors of the chunk members a and b differ. */
void bt_exposure_differ(struct bt_exposure *exposure, uint32_t a, uint32_t b, uint64_t chunk,
			int32_t sectors);

/* Which of the chunks from 64 * word on are resynced with a copy, changed from old to new. */
void bt_exposure_states(struct bt_exposure *exposure, uint32_t copy, enum bt_load load,
			uint64_t word, uint64_t old, uint64_t new);

#endif /* BT_CRASH_EXPOSURE_H */
