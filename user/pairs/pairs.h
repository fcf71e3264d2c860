/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which interleavings a trace has: ordered pairs of steps that came one right after the other on
 * the same chunk, or on the same page of the bitmap, by different tasks. What has never been seen
 * gives "no failure" a size.
 *
 * A step of the whole bitmap (an unplug, a pass of the daemon) follows, and is followed by, steps
 * of any of its pages. The end of an I/O is a task of its own: it comes from an interrupt.
 */
#ifndef BT_PAIRS_H
#define BT_PAIRS_H

#include <stdbool.h>
#include <stdio.h>

#include "stream/sink.h"

#define BT_STEPS_MAX	24
#define BT_PAIRS_PLACES 65536 /* chunks and pages that are followed; what is beyond is not */

enum bt_pairs_of { BT_PAIRS_CHUNK = 0, BT_PAIRS_PAGE = 1, BT_PAIRS_OF = 2 };

struct bt_pairs_place; /* a chunk, a page, or a bitmap */

struct bt_pairs {
	struct bt_sink sink;
	uint64_t from_ns, slice_ns; /* slices of a perturbed run; 0: one slice */
	uint64_t steps[BT_PAIRS_OF][BT_STEPS_MAX];
	uint64_t seen[BT_PAIRS_OF][BT_STEPS_MAX][BT_STEPS_MAX];
	uint64_t slice_of[BT_PAIRS_OF][BT_STEPS_MAX][BT_STEPS_MAX]; /* where it was seen first */
	uint8_t chunk_shift[256];				    /* by bitmap; 0: not known */
	struct bt_pairs_place *places;
	unsigned int places_nr;
};

void bt_pairs_init(struct bt_pairs *pairs);
void bt_pairs_free(struct bt_pairs *pairs);

/* "set_bit_enter", ...; NULL: there is no such step. */
const char *bt_pairs_step(unsigned int step);

/* How many of the pairs of steps that came at all were seen; *all: how many there are. */
unsigned int bt_pairs_seen(const struct bt_pairs *pairs, enum bt_pairs_of of, unsigned int *all);

/* The first seed's slice is 0. Lines: counts, what was never seen, slices that saw new ones. */
void bt_pairs_print(FILE *out, const struct bt_pairs *pairs, bool slices);

#endif /* BT_PAIRS_H */
