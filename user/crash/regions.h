/* SPDX-License-Identifier: GPL-2.0-only */
/* Maps a sector of the logged device to a part of the array. */
#ifndef BT_CRASH_REGIONS_H
#define BT_CRASH_REGIONS_H

#include <stddef.h>
#include <stdint.h>

#include "crash/layout.h"

enum bt_part { BT_PART_SUPER, BT_PART_DATA, BT_PART_BITMAP, BT_PART_MARK };

struct bt_region {
	uint64_t first, end; /* sectors of the logged device; end is exclusive */
	enum bt_part part;
	uint32_t index; /* member, or copy of the bitmap */
	uint64_t base;	/* position of the first sector within that part */
};

/* Sorted; the caller frees *regions. -EINVAL: problem names two that overlap. */
int bt_regions_make(const struct bt_layout *layout, struct bt_region **regions, uint32_t *nr,
		    char *problem, size_t size);

/* The first region that ends after sector; nr if there is none. */
uint32_t bt_regions_find(const struct bt_region *regions, uint32_t nr, uint64_t sector);

#endif /* BT_CRASH_REGIONS_H */
