/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The content of the members' data, as a digest per sector, and where the members differ. Only
 * written sectors take memory, 18 bytes per sector.
 *
 * As in bits.h, a sector may have several versions. Two members may differ on a sector if one
 * of them may have one of two contents, or if both certainly have one, and these are not
 * equal.
 */
#ifndef BT_CRASH_MIRROR_H
#define BT_CRASH_MIRROR_H

#include <stdbool.h>
#include <stdint.h>

#include "crash/exposure.h"
#include "crash/layout.h"

struct bt_cell_page;

struct bt_loose_run {
	uint64_t sector;
	uint32_t member;
	uint32_t sectors;
};

struct bt_mirror {
	const struct bt_layout *layout; /* not owned */
	struct bt_exposure *exposure;	/* not owned; notified of changes */
	uint64_t zero_digest;
	struct bt_cell_page ***cells[BT_DISKS_MAX]; /* [member][directory][page] */
	uint64_t directories;
	struct bt_loose_run *loose;
	uint64_t loose_nr, loose_max;
};

/* One member's side of a sector that differs. */
struct bt_side {
	uint32_t member;
	uint64_t sector; /* of the logged device */
	uint64_t entry;	 /* that wrote it last, 0: none */
	uint64_t digest;
	bool many; /* it may also have its previous content */
};

int bt_mirror_init(struct bt_mirror *mirror, const struct bt_layout *layout,
		   struct bt_exposure *exposure);
void bt_mirror_free(struct bt_mirror *mirror);

/*
 * A log entry writes sectors of a member's data (0 is its first); data NULL: they become zero,
 * as after a discard. Returns 0 or -ENOMEM.
 */
int bt_mirror_write(struct bt_mirror *mirror, uint32_t member, uint64_t sector, uint64_t sectors,
		    const unsigned char *data, uint64_t entry, bool loosely);

/* The content written last is on disk. */
void bt_mirror_flush(struct bt_mirror *mirror);

/* The first sector of the chunk on which the members of the pair differ; false: none. */
bool bt_mirror_find(const struct bt_mirror *mirror, const struct bt_pair *pair, uint64_t chunk,
		    uint64_t *array_sector, struct bt_side sides[2]);

#endif /* BT_CRASH_MIRROR_H */
