/* SPDX-License-Identifier: GPL-2.0-only */
/* A small logged disk for tests: where an array lies, and superblocks to write there. */
#ifndef BT_TEST_CRASH_DISK_H
#define BT_TEST_CRASH_DISK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crash/layout.h"

#define DISK_SUPER_STEP 8 /* sectors: members' superblocks follow each other */

/* Superblock of a member, 512 bytes of it; all others are 0. */
struct disk_super {
	uint64_t events;
	uint64_t resync_offset;
	uint16_t roles[BT_DISKS_MAX];
	uint32_t number;
	uint32_t features;
	bool bad_checksum;
	bool foreign; /* of another array */
};

struct disk_bitmap {
	uint64_t events;
	uint64_t events_cleared;
	uint32_t state;
	bool bad_magic;
	bool foreign;
	/* Of a lockless one; 0 stands for values that md accepts. */
	uint32_t version;
	uint32_t chunk;
	uint64_t sync_size;
	bool no_daemon_sleep;
};

/*
 * A layout of so many members and chunks of one sector each; raid10 where near is
 * not 0. Members' data lies behind the superblocks, the bitmap behind that.
 * disk_layout_free() frees it.
 */
void disk_layout(struct bt_layout *layout, uint32_t members, uint32_t near, bool internal,
		 uint64_t size);
/* The same with a lockless bitmap, a copy on each member */
void disk_layout_lockless(struct bt_layout *layout, uint32_t members, uint32_t near, uint64_t size);
void disk_layout_free(struct bt_layout *layout);

/* The first sector of a copy of the bitmap */
uint64_t disk_bitmap_sector(const struct bt_layout *layout, uint32_t copy);
uint64_t disk_sectors(const struct bt_layout *layout);

void disk_put_super(unsigned char *sector, const struct bt_layout *layout,
		    const struct disk_super *super);
/* Fills only the superblock, the first 256 bytes, as the bitmap of the layout has it. */
void disk_put_bitmap(unsigned char *sector, const struct bt_layout *layout,
		     const struct disk_bitmap *bitmap);

/* The text of LAYOUT; the caller frees it. */
char *disk_layout_text(const struct bt_layout *layout);

/* A file with these bytes, deleted with the path that is returned and to be freed. */
char *disk_file(const void *data, size_t size);

/* A write log being made. */
struct disk_log {
	unsigned char *data;
	size_t size;
	uint64_t entries;
	uint32_t unit;
};

void disk_log_begin(struct disk_log *log, uint32_t unit);
/* data: sectors * unit bytes, NULL for none; mark: text behind the header, or NULL */
void disk_log_add(struct disk_log *log, uint64_t sector, uint64_t sectors, uint64_t flags,
		  const void *data, const char *mark);
void disk_log_free(struct disk_log *log);

#endif /* BT_TEST_CRASH_DISK_H */
