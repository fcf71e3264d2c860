/* SPDX-License-Identifier: GPL-2.0-only */
/* The fields of bitmap_super_t, which both implementations share (drivers/md/md-bitmap.h). */
#ifndef BT_CRASH_BITMAP_SUPER_H
#define BT_CRASH_BITMAP_SUPER_H

#include <stdbool.h>
#include <stdint.h>

/* Offsets */
enum {
	BT_AT_MAGIC = 0,
	BT_AT_VERSION = 4,
	BT_AT_UUID = 8,
	BT_AT_EVENTS = 24,
	BT_AT_EVENTS_CLEARED = 32,
	BT_AT_SYNC_SIZE = 40,
	BT_AT_STATE = 48,
	BT_AT_CHUNK = 52,
	BT_AT_DAEMON_SLEEP = 56,
	BT_AT_WRITE_BEHIND = 60,
	BT_AT_RESERVED = 64,
};

#define BT_BITMAP_MAGIC	    0x6d746962u
#define BT_BITMAP_SUPER	    256 /* bytes */
#define BT_VERSION_MIN	    3	/* BITMAP_MAJOR_LO */
#define BT_VERSION_MAX	    5	/* BITMAP_MAJOR_CLUSTERED, the last of the classic bitmap */
#define BT_VERSION_LLBITMAP 6	/* BITMAP_MAJOR_LOCKLESS */

/* enum bitmap_state numbers bits. */
#define BT_STATE_STALE	     (1u << 1)
#define BT_STATE_WRITE_ERROR (1u << 2)
#define BT_STATE_FIRST_USE   (1u << 3)
#define BT_STATE_CLEAN	     (1u << 4)

struct bt_assembly;
struct bt_bitmap_super;
struct bt_layout;
struct bt_plan;

/* Whether these 256 bytes are a superblock of the array in LAYOUT, of any version. */
bool bt_bitmap_super_is(const unsigned char *raw, const struct bt_layout *layout);

/* Without a bitmap, which md rejects: the resync begins at resync_offset. */
void bt_plan_without(const struct bt_assembly *assembly, uint64_t chunk_shift,
		     struct bt_plan *plan);

#endif /* BT_CRASH_BITMAP_SUPER_H */
