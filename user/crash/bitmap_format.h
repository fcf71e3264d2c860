/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * An implementation of md's bitmap as far as a crash is concerned: where its states are on disk,
 * and which chunks md resyncs after it has loaded them. LAYOUT says which one an array has.
 */
#ifndef BT_CRASH_BITMAP_FORMAT_H
#define BT_CRASH_BITMAP_FORMAT_H

#include <stdbool.h>
#include <stdint.h>

#include "crash/log.h"

struct bt_assembly;
struct bt_layout;

/* Which chunks md resyncs after it has loaded a bitmap */
enum bt_load {
	BT_LOAD_CURRENT,  /* depends on the state of the chunk, in a bitmap that is current */
	BT_LOAD_STALE,	  /* the same in one that is out of date */
	BT_LOAD_DEGRADED, /* lockless: as CURRENT, in a degraded array */
	BT_LOAD_STALE_DEGRADED,
	BT_LOADS, /* number of those that depend on the state */
	BT_LOAD_ALL = BT_LOADS,
	BT_LOAD_NONE,
};

/* What md does with one version of the bitmap's superblock */
struct bt_plan {
	bool clean;	/* no resync begins */
	uint64_t limit; /* chunks below are not resynced, whatever their state */
	enum bt_load load;
};

/* One version of the bitmap's first sector, with the states in it. */
struct bt_bitmap_super {
	bool rejected;	      /* md does not assemble with it */
	bool stale;	      /* STALE in its state */
	bool first_use;	      /* lockless: md has not used it yet and sets all states itself */
	bool assume_clean;    /* lockless: with first_use, all chunks become Clean */
	const char *unjudged; /* md accepts the bitmap but it is not judged: why; else NULL */
	uint64_t events;
	uint64_t events_cleared;
	uint64_t entry; /* the log entry that wrote it, 0: none */
	unsigned char raw[BT_SECTOR];
};

struct bt_bitmap_format {
	const char *name;      /* in LAYOUT, for a bitmap on each member */
	const char *state;     /* what holds the state of a chunk */
	const char *bare;      /* why a chunk is not resynced, as text */
	uint32_t first_chunks; /* their states are in the first sector, after the superblock */
	uint32_t state_sector; /* from here on, sectors have nothing but states */
	uint32_t words;	       /* of 64 chunks in each of these sectors */
	uint32_t loads;	       /* from BT_LOAD_CURRENT on, how many occur */

	/* Fills in all fields but entry from super->raw. */
	void (*parse)(struct bt_bitmap_super *super, const struct bt_layout *layout);
	void (*plan)(const struct bt_bitmap_super *super, const struct bt_assembly *assembly,
		     uint64_t chunk_shift, struct bt_plan *plan);
	/*
	 * The states of nr * 64 chunks, as bits that are set for chunks to be resynced. The
	 * load is one of the first BT_LOADS.
	 */
	void (*resyncs)(enum bt_load load, const unsigned char *states, uint64_t *words,
			uint32_t nr);
};

extern const struct bt_bitmap_format bt_bitmap_format_classic;	/* versions 3 to 5 */
extern const struct bt_bitmap_format bt_bitmap_format_lockless; /* version 6 */

/* The sector of a copy that has the state of a chunk */
static inline uint64_t bt_bitmap_format_sector(const struct bt_bitmap_format *format,
					       uint64_t chunk)
{
	if (chunk < format->first_chunks)
		return 0;
	return format->state_sector + (chunk - format->first_chunks) / (64 * format->words);
}

/* Sectors of a copy */
static inline uint64_t bt_bitmap_format_sectors(const struct bt_bitmap_format *format,
						uint64_t chunks)
{
	return bt_bitmap_format_sector(format, chunks - 1) + 1;
}

/* The word, of 64 chunks, with which the states of a sector from state_sector on begin */
static inline uint64_t bt_bitmap_format_word(const struct bt_bitmap_format *format, uint64_t sector)
{
	return format->first_chunks / 64 + (sector - format->state_sector) * format->words;
}

#endif /* BT_CRASH_BITMAP_FORMAT_H */
