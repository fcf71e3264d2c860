/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * LAYOUT: where the parts of one array are on the logged device. A text file, described in
 * docs/crash.md. Sectors have 512 bytes.
 */
#ifndef BT_CRASH_LAYOUT_H
#define BT_CRASH_LAYOUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crash/log.h"

#define BT_DISKS_MAX   16
#define BT_EXTENTS_MAX 4096

struct bt_bitmap_format;

struct bt_disk {
	bool given;
	uint64_t super; /* sector of its md superblock (1.x) */
	uint64_t data;	/* sector of its data */
};

/* Part of a copy of the bitmap, in the order of the file. */
struct bt_extent {
	uint32_t copy; /* 0 for a bitmap file, else the member */
	uint64_t sector;
	uint64_t sectors;
};

struct bt_layout {
	int level; /* 1 or 10 */
	uint32_t members_nr;
	uint32_t near;		/* raid10: copies */
	uint32_t chunk_sectors; /* raid10: stripe unit */
	uint64_t size;		/* sectors of the array on each member: mddev->dev_sectors */
	unsigned char uuid[16];
	struct bt_disk members[BT_DISKS_MAX];
	uint32_t bitmap_chunk;		       /* bytes */
	const struct bt_bitmap_format *format; /* what the bitmap is */
	bool internal;			       /* each member has a copy of it */
	struct bt_extent *extents;
	uint32_t extents_nr;
	bool zero; /* sectors that are not written yet are zero */
	/* Judging begins at the start, after an entry or after a mark. */
	uint64_t from_entry; /* 0: from the start */
	char from_mark[BT_MARK_MAX + 1];
	uint64_t mark_sector; /* a write there that begins with "mark NAME\n" is a mark */
	bool has_mark_sector;
	/* Derived from the above. */
	uint64_t span;		 /* sectors of the array that have copies */
	uint64_t chunks;	 /* of the bitmap */
	uint64_t chunk_shift;	 /* sectors of a bitmap chunk, as a power of two */
	uint64_t bitmap_sectors; /* used sectors of each copy */
};

/*
 * Reads and checks path. On failure *layout is empty, problem names line and field, and -errno
 * or -EINVAL is returned. Call bt_layout_free() after success.
 */
int bt_layout_read(struct bt_layout *layout, const char *path, char *problem, size_t size);
void bt_layout_free(struct bt_layout *layout);

static inline uint32_t bt_layout_copies(const struct bt_layout *layout)
{
	return layout->internal ? layout->members_nr : 1;
}

#endif /* BT_CRASH_LAYOUT_H */
