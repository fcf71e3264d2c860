/* SPDX-License-Identifier: GPL-2.0-only */
/* What md reads from a member's superblock (struct mdp_superblock_1, md_p.h). */
#ifndef BT_CRASH_MD_SUPER_H
#define BT_CRASH_MD_SUPER_H

#include <stdbool.h>
#include <stdint.h>

#include "crash/layout.h"

#define BT_MD_SUPER_BYTES   4096 /* what super_1_load() reads */
#define BT_MD_SUPER_SECTORS (BT_MD_SUPER_BYTES / BT_SECTOR)

#define BT_MD_MAX_SECTOR UINT64_MAX /* resync_offset of an array that is clean */
#define BT_MD_ROLE_MAX	 0xff00	    /* MD_DISK_ROLE_MAX: below it are slots */

struct bt_md_super {
	bool valid;	      /* super_1_load() accepts it, and it is of the array in LAYOUT */
	const char *unjudged; /* valid, but the array is not judged: why; else NULL */
	uint64_t events;
	uint64_t resync_offset; /* sectors, as mddev->resync_offset */
	uint32_t number;	/* dev_number: index of its own role */
	bool recovering;	/* not In_sync: MD_FEATURE_RECOVERY_OFFSET */
	uint64_t entry;		/* the log entry that wrote it, 0: none */
	unsigned char raw[BT_MD_SUPER_BYTES];
};

/* Fills in all fields but entry from super->raw. */
void bt_md_super_parse(struct bt_md_super *super, const struct bt_layout *layout);

/* The role that this superblock gives to the device with that number; spare if it has none. */
uint16_t bt_md_super_role(const struct bt_md_super *super, uint32_t number);

#endif /* BT_CRASH_MD_SUPER_H */
