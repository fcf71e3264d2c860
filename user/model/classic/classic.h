/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What only the classic bitmap (drivers/md/md-bitmap.c) has: one bit per chunk, counters,
 * attributes of pages, passes of the daemon.
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

/* What may keep a bit set besides its writers: NEEDED and RESYNC. */
enum bt_kept {
	BT_KEPT_NOT = 0, /* nothing: a startwrite set it, and no degraded write ended since */
	BT_KEPT_SET = 1, /* set_bit was seen, perhaps by bitmap_dirty_bits */
	BT_KEPT_MAYBE = 2,
};

struct bt_classic_chunk {
	uint8_t attr_dirty; /* enum bt_tri: the page was DIRTY at set_bit's exit */
	bool unconfirmed;   /* set_bit was seen, but the bit may have been set before tracing */
	bool marked;	    /* the same task called set_page_dirty right before set_bit's exit */
	uint8_t kept;	    /* enum bt_kept */
	bool idle_listed;   /* in the list state.idle */
	uint32_t idle_pass; /* number of passes begun when its last write ended */
};

struct bt_classic_block {
	uint64_t clear_pass; /* daemon pass of the last clear_bit, 0: not seen completely */
	uint8_t pass_attr;   /* attributes reported at the end of the running pass */
};

/* Chunks whose bits a load has read as set. */
struct bt_loaded_run {
	uint64_t chunk, chunks;
	bool unknown; /* not known whether set */
};

/* A counter that is higher than the calls make it (excess.c). */
struct bt_excess {
	struct bt_event_ref start; /* the startwrite that sampled it, seq 0: none */
	uint64_t chunk;
	uint32_t over;	/* by how much, at least */
	uint32_t ended; /* endwrites of the chunk since */
	uint32_t pass;	/* number of passes begun when it was last sampled */
};

struct bt_classic_state {
	struct bt_loaded_run *loaded; /* ascending */
	uint32_t loaded_nr, loaded_cap;

	struct bt_event_ref
		sb_due;		/* pass that found need_sync; the superblock is not submitted yet */
	uint64_t pass;		/* number of daemon passes begun */
	uint32_t pass_tid;	/* thread that runs one, 0: none */
	uint32_t passes_active; /* in progress; with more than one, some wait for the mutex */
	uint32_t pass_last_tid; /* thread that ran the one before, 0: none yet */
	bool pass_taken_over;	/* by another thread than that: bitmap_flush has begun */
	struct bt_event_ref pass_enter;
	struct bt_event_ref pass_exit; /* exit of the last pass */
	uint32_t passes_counted;       /* passes that certainly looked at the chunks (idle.c) */
	uint64_t pass_ran_seq;	       /* entry of the last one that ran, alone */
	bool pass_in_doubt;	       /* the next pass decides whether the last one counts */
	bool passes_reported;	       /* some pass reported whether it ran */
	uint64_t endwrite_seq;	       /* last endwrite, of any chunk */
	uint64_t endwrite_ns;	       /* when that was */
	uint32_t endwrite_pass;	       /* number of passes begun then */
	uint64_t startwrite_seq;       /* last startwrite, of any chunk */
	uint64_t *idle; /* chunks that wait for the daemon; may include some that no longer do */
	uint32_t idle_nr, idle_cap;
	struct bt_excess excess;
	uint32_t *pass_blocks; /* blocks with bits cleared in this pass */
	uint32_t pass_blocks_nr, pass_blocks_cap;
};

struct bt_bitmap;
struct bt_chunk;

/*
 * Passes of the daemon after which a waiting bit is cleared: two, one more for an endwrite that
 * has not counted yet, and while the array is up two more, for a startwrite that has counted
 * and not returned yet.
 */
#define BT_IDLE_PASSES	    5
#define BT_IDLE_PASSES_GONE 3
/* After so many whole passes, operations that were in progress before them have ended. */
#define BT_EXCESS_PASSES 2
/* A BT_DAEMON_ENTER or _EXIT: will the model count one more pass for it? */
bool bt_pass_counts(const struct bt_bitmap *bitmap, const struct bt_event *ev);
/* Number of whole passes since that many had begun, including that of ev; NULL: without. */
uint32_t bt_passes_since(const struct bt_bitmap *bitmap, uint32_t since, const struct bt_event *ev);
/* The i-th idle chunk, or NULL if it no longer waits. */
const struct bt_chunk *bt_idle_chunk(const struct bt_bitmap *bitmap, uint32_t i);
/* The counter that is certainly too high, including the pass of ev, or NULL. */
const struct bt_excess *bt_excess_proved(const struct bt_bitmap *bitmap, const struct bt_event *ev);

#endif /* BT_CLASSIC_H */
