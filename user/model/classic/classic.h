/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the classic bitmap (drivers/md/md-bitmap.c) has and others have not: a
 * bit a chunk, counters, attributes of pages, passes of the daemon.
 */
#ifndef BT_CLASSIC_H
#define BT_CLASSIC_H

#include "model/core/event_ref.h"

/* state of a chunk */
enum bt_bit {
	BT_BIT_UNKNOWN = 0, /* not seen: set or clear, durable or not */
	BT_BIT_LOADED = 1,  /* set, as read from disk: durable */
	BT_BIT_SET = 2,	    /* set_bit seen */
	BT_BIT_CLEAR = 3,   /* clear_bit seen, or clear as read from disk */
};

struct bt_classic_chunk {
	uint8_t attr_dirty; /* enum bt_tri: the page was DIRTY at set_bit's exit */
	bool unconfirmed;   /* set_bit was seen, but the bit may have been set before tracing */
	bool marked;	    /* the same task called set_page_dirty right before set_bit's exit */
};

struct bt_classic_block {
	uint64_t clear_pass; /* daemon pass of the last clear_bit, 0: of none that is seen whole */
	uint8_t pass_attr;   /* attributes reported at the end of the running pass */
};

/* Chunks that a load has found set. */
struct bt_loaded_run {
	uint64_t chunk, chunks;
	bool unknown; /* or perhaps not */
};

struct bt_classic_state {
	struct bt_loaded_run *loaded; /* ascending */
	uint32_t loaded_nr, loaded_cap;

	struct bt_event_ref sb_due; /* pass that found need_sync; the superblock not submitted */
	uint64_t pass;		    /* number of daemon passes begun */
	uint32_t pass_tid;	    /* thread that runs one, 0: none */
	uint32_t passes_active;	    /* entered and not left; more than one wait for a mutex */
	uint32_t pass_last_tid;	    /* thread that ran the one before, 0: none yet */
	bool pass_taken_over;	    /* by another thread than that: bitmap_flush has begun */
	struct bt_event_ref pass_enter;
	struct bt_event_ref pass_exit; /* of the last pass that is over */
	uint32_t *pass_blocks;	       /* that had bits cleared in it */
	uint32_t pass_blocks_nr, pass_blocks_cap;
};

#endif /* BT_CLASSIC_H */
