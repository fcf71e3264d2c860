/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Judges every crash point of a write log: after a crash there, would md resync each chunk on
 * which the members that it assembles differ? docs/crash.md has the argument. Entries are
 * passed one by one; each updates only the state that it changes.
 */
#ifndef BT_CRASH_ORACLE_H
#define BT_CRASH_ORACLE_H

#include <stdbool.h>
#include <stdint.h>

#include "crash/amplification.h"
#include "crash/assembly.h"
#include "crash/bits.h"
#include "crash/exposure.h"
#include "crash/layout.h"
#include "crash/log.h"
#include "crash/mirror.h"

/* Why md does not resync a chunk */
enum bt_gap {
	BT_GAP_BIT,	   /* its state, in a bitmap that md uses, asks for no resync */
	BT_GAP_CLEAN,	   /* the md superblock says the array is clean: nothing is resynced */
	BT_GAP_CHECKPOINT, /* it is before the point at which the resync begins */
	BT_GAP_NEW,	   /* the bitmap is new: md sets all states itself */
};

struct bt_gap_found {
	enum bt_gap gap;
	enum bt_load load; /* BT_GAP_BIT: with which the state counts */
	uint32_t pair;
	uint32_t copy; /* copy of the bitmap */
	uint64_t chunk;
	struct bt_assembly assembly;
};

/* The first unsafe point, with all details. */
struct bt_example {
	struct bt_gap_found found;
	uint64_t array_sector;
	struct bt_side sides[2];
	uint64_t bit_sector; /* with the state of the chunk, of the logged device */
	uint64_t bit_entry;  /* that wrote it last, 0: none */
};

/* The points after entries first to last */
struct bt_stretch {
	uint64_t first, last;
	uint64_t points;
};

#define BT_STRETCHES_MAX 4096 /* stored one by one */

/* Points of one kind, such as the unsafe ones */
struct bt_stretches {
	uint64_t points;
	uint64_t nr;
	struct bt_stretch first, longest;
	struct bt_stretch *list;   /* the first BT_STRETCHES_MAX ranges */
	struct bt_stretch running; /* the current range; points 0: none */
};

struct bt_crash_stats {
	uint64_t points;	    /* crash points: one before the first entry, one after each */
	uint64_t judged;	    /* of these, since the place given in LAYOUT */
	struct bt_stretches tested; /* of these, with members that differ somewhere */
	struct bt_stretches unsafe;
	struct bt_amplification amplification;
	uint64_t unjudged;	 /* points that could not be judged */
	uint64_t unjudged_first; /* the entry before it */
	const char *unjudged_why;
};

struct bt_region;

struct bt_oracle {
	const struct bt_layout *layout; /* not owned */
	bool cache;
	struct bt_region *regions;
	uint32_t regions_nr;
	struct bt_mirror mirror;
	struct bt_exposure exposure;
	struct bt_bits bits[BT_DISKS_MAX];
	struct bt_member_super *supers; /* per member */
	struct bt_assemblies assemblies;
	bool assemblies_old; /* superblocks were written since they were computed */
	bool judging;	     /* the place to begin given in LAYOUT is reached */
	bool changed;	     /* since the last point */
	uint64_t entry;	     /* the current one */
	bool loosely;
	enum bt_point { BT_POINT_SAFE, BT_POINT_UNSAFE, BT_POINT_UNJUDGED } point;
	bool differing;		 /* at that point */
	struct bt_resync resync; /* in the completed model, of a point that is judged */
	struct bt_crash_stats stats;
	struct bt_example example; /* of the first unsafe point */
};

/* cache: model a disk with a volatile write cache. -EINVAL: problem says what overlaps. */
int bt_oracle_init(struct bt_oracle *oracle, const struct bt_layout *layout, bool cache,
		   char *problem, size_t size);
void bt_oracle_free(struct bt_oracle *oracle);

/*
 * An entry: begin, its data in consecutive pieces, end. bt_oracle_end() judges the crash point
 * after the entry. 0 or -ENOMEM.
 */
void bt_oracle_begin(struct bt_oracle *oracle, const struct bt_log_entry *entry);
int bt_oracle_data(struct bt_oracle *oracle, uint64_t sector, uint64_t sectors,
		   const unsigned char *data);
void bt_oracle_end(struct bt_oracle *oracle);

/* No more entries: completes the statistics. */
void bt_oracle_finish(struct bt_oracle *oracle);

#endif /* BT_CRASH_ORACLE_H */
