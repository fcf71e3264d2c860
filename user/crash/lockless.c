// SPDX-License-Identifier: GPL-2.0-only
/* The lockless bitmap, a byte for each chunk: drivers/md/md-llbitmap.c of Linux 7.3. */
#include "crash/assembly.h"
#include "crash/bitmap_format.h"
#include "crash/bitmap_super.h"
#include "crash/le.h"

#define STATES_AT	  1024u /* BITMAP_DATA_OFFSET */
#define SPACE_DEFAULT	  6u	/* sectors, mddev->bitmap_info.default_space of metadata 1.x */
#define CHUNKS_PER_SECTOR ((uint64_t)BT_SECTOR)

/* enum llbitmap_state */
enum {
	LL_UNWRITTEN = 0,
	LL_CLEAN = 1,
	LL_DIRTY = 2,
	LL_NEED_SYNC = 3,
	LL_SYNCING = 4,
	LL_STATES = 8, /* three more are of raid456, and md takes them back to unwritten */
};

/* llbitmap_read_sb() of a bitmap that was in use */
static bool lockless_fields_rejected(const unsigned char *raw, const struct bt_layout *layout)
{
	uint32_t chunk = bt_le32(raw + BT_AT_CHUNK); /* in sectors */
	uint64_t space = bt_le32(raw + BT_AT_RESERVED), size = bt_le64(raw + BT_AT_SYNC_SIZE);

	if (!space)
		space = SPACE_DEFAULT;
	space *= CHUNKS_PER_SECTOR;
	if (!size)
		size = layout->span;
	return size > layout->span || !chunk || (chunk & (chunk - 1)) ||
	       chunk < size / space + (size % space != 0) || !bt_le32(raw + BT_AT_DAEMON_SLEEP);
}

static const char *lockless_unjudged(const unsigned char *raw, const struct bt_layout *layout)
{
	uint64_t size = bt_le64(raw + BT_AT_SYNC_SIZE);

	/* md never writes it, and would leave the states as they are. */
	if (bt_le32(raw + BT_AT_STATE) & BT_STATE_WRITE_ERROR)
		return "the state of the lockless bitmap has a write error";
	if (bt_le32(raw + BT_AT_STATE) & BT_STATE_FIRST_USE)
		return NULL;
	if (bt_le32(raw + BT_AT_CHUNK) * (uint64_t)BT_SECTOR != layout->bitmap_chunk)
		return "bitmap-chunk in LAYOUT differs from the bitmap's superblock";
	if (size && size != layout->span)
		return "size in LAYOUT differs from the bitmap's superblock";
	return NULL;
}

static void lockless_parse(struct bt_bitmap_super *super, const struct bt_layout *layout)
{
	const unsigned char *raw = super->raw;
	uint32_t version = bt_le32(raw + BT_AT_VERSION), state = bt_le32(raw + BT_AT_STATE);

	super->unjudged = NULL;
	super->first_use = state & BT_STATE_FIRST_USE;
	super->rejected = !bt_bitmap_super_is(raw, layout) || version < BT_VERSION_MIN ||
			  version > BT_VERSION_LLBITMAP;
	if (!super->rejected && version != BT_VERSION_LLBITMAP)
		super->unjudged = "the bitmap in LAYOUT is lockless, that on disk is not";
	else if (!super->rejected && !super->first_use)
		super->rejected = lockless_fields_rejected(raw, layout);
	if (super->rejected || super->unjudged)
		return;
	super->unjudged = lockless_unjudged(raw, layout);
	super->assume_clean = state & BT_STATE_CLEAN;
	super->stale = state & BT_STATE_STALE;
	super->events = bt_le64(raw + BT_AT_EVENTS);
	super->events_cleared = bt_le64(raw + BT_AT_EVENTS_CLEARED);
}

static enum bt_load lockless_load(const struct bt_bitmap_super *super, uint64_t events)
{
	/* llbitmap_init() ends before events are compared; then llbitmap_load(). */
	if (super->first_use)
		return super->assume_clean && super->stale ? BT_LOAD_ALL : BT_LOAD_NONE;
	return super->stale || super->events < events ? BT_LOAD_STALE : BT_LOAD_CURRENT;
}

/*
 * A state that is or becomes NeedSync begins a resync in a clean array too, but not in a
 * degraded one (llbitmap_state_machine()). The resync begins at 0: md_sync_position().
 */
static void lockless_plan(const struct bt_bitmap_super *super, const struct bt_assembly *assembly,
			  uint64_t chunk_shift, struct bt_plan *plan)
{
	if (super->rejected)
		bt_plan_without(assembly, chunk_shift, plan);
	else
		*plan = (struct bt_plan){
			.clean = assembly->degraded && assembly->resync_offset == BT_MD_MAX_SECTOR,
			.load = lockless_load(super, assembly->events),
		};
}

/*
 * What llbitmap_load() makes NeedSync, by the columns Reload and Stale of state_machine;
 * llbitmap_skip_sync_blocks() and llbitmap_start_sync() leave out the rest.
 */
static bool lockless_resyncs_state(enum bt_load load, unsigned char state)
{
	switch (state) {
	case LL_DIRTY:
	case LL_NEED_SYNC:
	case LL_SYNCING:
		return true;
	case LL_CLEAN:
		return load == BT_LOAD_STALE;
	default:
		return state >= LL_STATES; /* "invalid bit", forced to NeedSync */
	}
}

static void lockless_resyncs(enum bt_load load, const unsigned char *states, uint64_t *words,
			     uint32_t nr)
{
	uint32_t i, chunk;

	for (i = 0; i < nr; i++) {
		words[i] = 0;
		for (chunk = 0; chunk < 64; chunk++)
			words[i] |= (uint64_t)lockless_resyncs_state(load, *states++) << chunk;
	}
}

const struct bt_bitmap_format bt_bitmap_format_lockless = {
	.name = "lockless",
	.state = "byte",
	.bare = "its byte has no state that md resyncs",
	.first_chunks = 0,
	.state_sector = STATES_AT / BT_SECTOR,
	.words = BT_SECTOR / 64,
	.loads = BT_LOADS,
	.parse = lockless_parse,
	.plan = lockless_plan,
	.resyncs = lockless_resyncs,
};
