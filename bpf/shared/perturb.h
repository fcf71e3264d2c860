/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Perturbation: the places at which the kernel is held up, and the bounds. For the programs and
 * for user space; traces have the places by number, so values are explicit and append-only.
 */
#ifndef BITMAP_TRACE_PERTURB_H
#define BITMAP_TRACE_PERTURB_H

#include "shared/event.h"

/* Names, and which functions of md they are: docs/explore.md. */
enum bt_place {
	BT_PLACE_STARTWRITE_EXIT = 0,
	BT_PLACE_ENDWRITE_ENTER = 1,
	BT_PLACE_SET_BIT_ENTER = 2,
	BT_PLACE_SET_BIT_EXIT = 3,
	BT_PLACE_CLEAR_BIT_ENTER = 4,
	BT_PLACE_UNPLUG_ENTER = 5,
	BT_PLACE_UNPLUG_EXIT = 6,
	BT_PLACE_WORK_ENTER = 7,
	BT_PLACE_WORK_EXIT = 8,
	BT_PLACE_DAEMON_ENTER = 9,
	BT_PLACE_DAEMON_EXIT = 10,
	BT_PLACE_UPDATE_SB_ENTER = 11,
	BT_PLACE_UPDATE_SB_EXIT = 12,
	BT_PLACE_PAGE_WRITE_START = 13,
	BT_PLACE_PAGE_WRITE_END = 14,
	BT_PLACE_DATA_START = 15,
	BT_PLACE_DATA_END = 16,
	BT_PLACE_BARRIER_ENTER = 17,
	BT_PLACE_BARRIER_EXIT = 18,
	BT_PLACE_STATE_ENTER = 19,
	BT_PLACE_STATE_EXIT = 20,
	BT_PLACE_MARK_ENTER = 21,
	BT_PLACE_MARK_EXIT = 22,
	BT_PLACE_INFECT_ENTER = 23,
	BT_PLACE_START_SYNC_EXIT = 24,
	BT_PLACE_END_SYNC_ENTER = 25,
	BT_PLACES = 26,
};

/* The number of a seed that a place makes of it, and all else that is random: splitmix64. */
#define BT_PERTURB_STEP 0x9e3779b97f4a7c15ULL

static inline uint64_t bt_perturb_mix(uint64_t x)
{
	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9ULL;
	x = (x ^ x >> 27) * 0x94d049bb133111ebULL;
	return x ^ x >> 31;
}

/* How often a place is held up, of 2^32. */
#define BT_CHANCE_RARE	 0x10000000u
#define BT_CHANCE_SOME	 0x40000000u
#define BT_CHANCE_MOSTLY 0xc0000000u

/*
 * A seed leaves some places alone and comes to others often: a run in which every place is slow
 * now and then is slow everywhere, and opens no window. A place keeps its chance when others are
 * left out by name, so that a failure can be reduced to the places that it takes; one that the
 * seed leaves alone gets a chance only by its name. places: a bit each, 0: all.
 */
static inline uint32_t bt_perturb_chance(uint64_t seed, uint32_t places, uint32_t place)
{
	if (places && !(places >> place & 1))
		return 0;
	switch (bt_perturb_mix(seed ^ bt_perturb_mix(place + 1)) & 3) {
	case 0:
		return places ? BT_CHANCE_SOME : 0;
	case 1:
		return BT_CHANCE_RARE;
	case 2:
		return BT_CHANCE_SOME;
	default:
		return BT_CHANCE_MOSTLY;
	}
}

/* What a spin takes at most, in microseconds: by default, on request, with interrupts off. */
#define BT_PERTURB_US_DEFAULT	2000
#define BT_PERTURB_US_MAX	100000
#define BT_PERTURB_SLICE_MS_MAX 3600000
#define BT_PERTURB_US_IRQS_OFF	1000

/* What was done at a place. */
struct bt_perturb_count {
	uint64_t passed; /* how often it was reached while the run was perturbed */
	uint64_t spins;	 /* how often of these it was held up */
	uint64_t ns;	 /* by these spins, in all */
};

#endif /* BITMAP_TRACE_PERTURB_H */
