// SPDX-License-Identifier: GPL-2.0-only
/* The lockless bitmap, a byte for each chunk: drivers/md/md-llbitmap.c of Linux 7.3. */
#include <string.h>

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
	LL_CLEAN_UNWRITTEN = 7, /* of raid456, as 5 and 6, which md takes back to unwritten */
	LL_STATES = 8,
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

static enum bt_load lockless_load(const struct bt_bitmap_super *super,
				  const struct bt_assembly *assembly)
{
	bool stale = super->stale || super->events < assembly->events;

	/* llbitmap_init() ends before events are compared; then llbitmap_load(). */
	if (super->first_use)
		return super->assume_clean && super->stale ? BT_LOAD_ALL : BT_LOAD_NONE;
	if (assembly->degraded)
		return stale ? BT_LOAD_STALE_DEGRADED : BT_LOAD_DEGRADED;
	return stale ? BT_LOAD_STALE : BT_LOAD_CURRENT;
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
			.load = lockless_load(super, assembly),
		};
}

/* Does llbitmap_load() write NeedSync? Columns Reload and Stale of state_machine */
static bool becomes_need_sync(unsigned char state, bool stale)
{
	switch (state) {
	case LL_DIRTY:
	case LL_SYNCING:
		return true;
	case LL_CLEAN:
		return stale;
	default:
		return state >= LL_STATES; /* "invalid bit", forced to NeedSync */
	}
}

static bool can_be_infected(unsigned char state)
{
	return state == LL_UNWRITTEN || state == LL_CLEAN || state == LL_CLEAN_UNWRITTEN;
}

/*
 * Where llbitmap_set_page_dirty() first infects the block, during the load; nr: nowhere. The
 * states are those of one block, and it is not marked before the load.
 */
static uint32_t first_infection(const unsigned char *states, uint32_t nr, bool stale)
{
	uint32_t i, others = 0, written = 0;

	for (i = 0; i < nr; i++)
		others += states[i] == LL_DIRTY || states[i] == LL_NEED_SYNC;
	for (i = 0; i < nr; i++) {
		if (!becomes_need_sync(states[i], stale))
			continue;
		if (written++ || others > (states[i] == LL_DIRTY))
			break;
	}
	return i;
}

/*
 * Infected states become Dirty. Those that the pass has not come to yet it makes NeedSync; those
 * before are left out of the resync. llbitmap_skip_sync_blocks() and llbitmap_start_sync() leave
 * out all that are not NeedSync.
 */
static void lockless_resyncs(enum bt_load load, const unsigned char *states, uint64_t *words,
			     uint32_t nr)
{
	bool stale = load == BT_LOAD_STALE || load == BT_LOAD_STALE_DEGRADED;
	bool degraded = load == BT_LOAD_DEGRADED || load == BT_LOAD_STALE_DEGRADED;
	uint32_t i, infected = degraded ? nr * 64 : first_infection(states, nr * 64, stale);

	memset(words, 0, nr * sizeof(*words));
	for (i = 0; i < nr * 64; i++)
		if (states[i] == LL_NEED_SYNC || becomes_need_sync(states[i], stale) ||
		    (i > infected && can_be_infected(states[i])))
			words[i / 64] |= UINT64_C(1) << (i % 64);
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
