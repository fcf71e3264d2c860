// SPDX-License-Identifier: GPL-2.0-only
/* The classic bitmap, a bit for each chunk: drivers/md/md-bitmap.c. */
#include "crash/assembly.h"
#include "crash/bitmap_format.h"
#include "crash/bitmap_super.h"
#include "crash/le.h"

#define COUNTER_MAX 16383u

/* md_bitmap_read_sb(); __bitmap_create() gives up on a write error. */
static bool classic_rejected(const unsigned char *raw, const struct bt_layout *layout)
{
	uint32_t version = bt_le32(raw + BT_AT_VERSION), chunk = bt_le32(raw + BT_AT_CHUNK);

	return !bt_bitmap_super_is(raw, layout) || version < BT_VERSION_MIN ||
	       version > BT_VERSION_LLBITMAP ||
	       (version <= BT_VERSION_MAX &&
		(chunk < BT_SECTOR || (chunk & (chunk - 1)) || !bt_le32(raw + BT_AT_DAEMON_SLEEP) ||
		 bt_le32(raw + BT_AT_WRITE_BEHIND) > COUNTER_MAX ||
		 (bt_le32(raw + BT_AT_STATE) & BT_STATE_WRITE_ERROR)));
}

static const char *classic_unjudged(const unsigned char *raw, const struct bt_layout *layout)
{
	/* Since 6.18 md loads the bitmap of the version that it finds. */
	if (bt_le32(raw + BT_AT_VERSION) == BT_VERSION_LLBITMAP)
		return "the bitmap on disk is lockless, that in LAYOUT is not";
	if (bt_le32(raw + BT_AT_VERSION) == BT_VERSION_MAX)
		return "the bitmap belongs to a cluster";
	if (bt_le32(raw + BT_AT_CHUNK) != layout->bitmap_chunk)
		return "bitmap-chunk in LAYOUT differs from the bitmap's superblock";
	return NULL;
}

static void classic_parse(struct bt_bitmap_super *super, const struct bt_layout *layout)
{
	const unsigned char *raw = super->raw;

	super->unjudged = NULL;
	super->rejected = classic_rejected(raw, layout);
	if (super->rejected)
		return;
	super->unjudged = classic_unjudged(raw, layout);
	super->stale = bt_le32(raw + BT_AT_STATE) & BT_STATE_STALE;
	super->events = bt_le64(raw + BT_AT_EVENTS);
	super->events_cleared = bt_le64(raw + BT_AT_EVENTS_CLEARED);
}

/*
 * bitmap_load() passes resync_offset, and md_bitmap_init_from_disk() resyncs a chunk only if it
 * ends at or after that. A degraded array begins at 0 unless the bitmap was cleared at its last
 * event. Bits alone begin no resync.
 */
static void classic_plan(const struct bt_bitmap_super *super, const struct bt_assembly *assembly,
			 uint64_t chunk_shift, struct bt_plan *plan)
{
	uint64_t start = assembly->resync_offset;

	if (super->rejected) {
		bt_plan_without(assembly, chunk_shift, plan);
		return;
	}
	*plan = (struct bt_plan){
		.clean = start == BT_MD_MAX_SECTOR,
		.load = super->stale || super->events < assembly->events ? BT_LOAD_ALL
									 : BT_LOAD_CURRENT,
	};
	if (plan->load == BT_LOAD_CURRENT && assembly->degraded &&
	    super->events_cleared != assembly->events)
		start = 0;
	if (start)
		plan->limit = (start - 1) >> chunk_shift;
}

/* The superblock takes whole words, so 64 bits of the file are the 64 chunks of one word. */
static void classic_resyncs(enum bt_load load, const unsigned char *states, uint64_t *words,
			    uint32_t nr)
{
	uint32_t i;

	(void)load; /* one that is stale depends on no bit */
	for (i = 0; i < nr; i++)
		words[i] = bt_le64(states + 8 * (size_t)i);
}

const struct bt_bitmap_format bt_bitmap_format_classic = {
	.name = "internal",
	.state = "bit",
	.bare = "its bit is clear",
	.first_chunks = (BT_SECTOR - BT_BITMAP_SUPER) * 8,
	.state_sector = 1,
	.words = BT_SECTOR / 8,
	.loads = BT_LOAD_CURRENT + 1,
	.parse = classic_parse,
	.plan = classic_plan,
	.resyncs = classic_resyncs,
};
