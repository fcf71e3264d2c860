/* SPDX-License-Identifier: GPL-2.0-only */
/* How md treats a bitmap's superblock at assembly (md_bitmap_read_sb()). */
#ifndef BT_CRASH_BITMAP_SUPER_H
#define BT_CRASH_BITMAP_SUPER_H

#include <stdbool.h>
#include <stdint.h>

#include "crash/layout.h"

enum bt_load {
	BT_LOAD_REJECTED, /* md does not assemble with it */
	BT_LOAD_STALE,	  /* all bits count as set */
	BT_LOAD_BITS,	  /* its bits are used */
};

/* One version of the bitmap's first sector, with the bits in it. */
struct bt_bitmap_super {
	bool rejected;
	bool stale;	      /* STALE in its state */
	const char *unjudged; /* md accepts the bitmap but it is not judged: why; else NULL */
	uint64_t events;
	uint64_t events_cleared;
	uint64_t entry; /* the log entry that wrote it, 0: none */
	unsigned char raw[BT_SECTOR];
};

/* Fills in all fields but entry from super->raw. */
void bt_bitmap_super_parse(struct bt_bitmap_super *super, const struct bt_layout *layout);

/* events: of the array, mddev->events */
enum bt_load bt_bitmap_super_load(const struct bt_bitmap_super *super, uint64_t events);

#endif /* BT_CRASH_BITMAP_SUPER_H */
