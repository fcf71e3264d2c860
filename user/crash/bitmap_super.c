// SPDX-License-Identifier: GPL-2.0-only
#include "crash/bitmap_super.h"

#include <string.h>

#include "crash/le.h"

/* Offsets in bitmap_super_t, drivers/md/md-bitmap.h */
enum {
	AT_MAGIC = 0,
	AT_VERSION = 4,
	AT_UUID = 8,
	AT_EVENTS = 24,
	AT_EVENTS_CLEARED = 32,
	AT_STATE = 48,
	AT_CHUNK = 52,
	AT_DAEMON_SLEEP = 56,
	AT_WRITE_BEHIND = 60,
};

#define BITMAP_MAGIC	  0x6d746962u
#define VERSION_MIN	  3 /* BITMAP_MAJOR_LO */
#define VERSION_CLUSTERED 5
#define COUNTER_MAX	  16383u
/* enum bitmap_state numbers bits. */
#define STATE_STALE	  (1u << 1)
#define STATE_WRITE_ERROR (1u << 2) /* __bitmap_create() gives up on it */

static bool rejected(const unsigned char *raw, const struct bt_layout *layout)
{
	uint32_t version = bt_le32(raw + AT_VERSION), chunk = bt_le32(raw + AT_CHUNK);

	return bt_le32(raw + AT_MAGIC) != BITMAP_MAGIC || version < VERSION_MIN ||
	       version > VERSION_CLUSTERED || chunk < BT_SECTOR || (chunk & (chunk - 1)) ||
	       !bt_le32(raw + AT_DAEMON_SLEEP) || bt_le32(raw + AT_WRITE_BEHIND) > COUNTER_MAX ||
	       memcmp(raw + AT_UUID, layout->uuid, 16) != 0 ||
	       (bt_le32(raw + AT_STATE) & STATE_WRITE_ERROR);
}

void bt_bitmap_super_parse(struct bt_bitmap_super *super, const struct bt_layout *layout)
{
	const unsigned char *raw = super->raw;

	super->unjudged = NULL;
	super->rejected = rejected(raw, layout);
	if (super->rejected)
		return;
	if (bt_le32(raw + AT_VERSION) == VERSION_CLUSTERED)
		super->unjudged = "the bitmap belongs to a cluster";
	else if (bt_le32(raw + AT_CHUNK) != layout->bitmap_chunk)
		super->unjudged = "bitmap-chunk in LAYOUT differs from the bitmap's superblock";
	super->stale = bt_le32(raw + AT_STATE) & STATE_STALE;
	super->events = bt_le64(raw + AT_EVENTS);
	super->events_cleared = bt_le64(raw + AT_EVENTS_CLEARED);
}

enum bt_load bt_bitmap_super_load(const struct bt_bitmap_super *super, uint64_t events)
{
	if (super->rejected)
		return BT_LOAD_REJECTED;
	return super->stale || super->events < events ? BT_LOAD_STALE : BT_LOAD_BITS;
}
