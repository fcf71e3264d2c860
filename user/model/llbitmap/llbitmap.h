/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the lockless bitmap (drivers/md/md-llbitmap.c) has and others have not: a byte a chunk
 * that is a state, blocks that are written one by one, writers that hold pages.
 */
#ifndef BT_LLBITMAP_H
#define BT_LLBITMAP_H

#include "model/core/event_ref.h"

/* Where the state of a chunk comes from. */
enum bt_ll_origin {
	BT_LL_CHANGED = 0, /* a change that was seen */
	BT_LL_ON_DISK = 1, /* as a load has read it: protected means durable */
	BT_LL_FOUND = 2,   /* as found in memory: on disk or not, who knows */
};

/*
 * state of a chunk: 0: not known; else the kernel's state by its name (enum bt_ll_state) + 1,
 * in the upper half its origin.
 */
#define BT_LL_STATE_NOT_KNOWN 0
#define BT_LL_OTHER	      15 /* a byte that is no state of this kernel */

static inline uint8_t bt_ll_state_of(unsigned int name, enum bt_ll_origin origin)
{
	return (uint8_t)((name + 1) | (unsigned int)origin << 4);
}

/* enum bt_ll_state, or BT_LL_OTHER - 1. state: not BT_LL_STATE_NOT_KNOWN */
static inline unsigned int bt_ll_name_of(uint8_t state)
{
	return (state & 15u) - 1;
}

struct bt_ll_chunk {
	/* When it became unprotected in memory, 0: not seen. Two halves: a union of 4-byte words.
	 */
	uint32_t cleared_low, cleared_high;
	uint8_t kept_origin; /* enum bt_ll_origin of the protected state before that */
	bool kept;	     /* on disk it may still be protected, as it was before */
};

/* Bytes as found by a load, or when the bitmap was met. */
struct bt_ll_run {
	uint64_t chunk, chunks;
	uint8_t state;
};

/* A thread inside llbitmap_state_machine. */
struct bt_ll_call {
	uint32_t tid;
	uint64_t enter_seq;
	uint64_t first, last; /* chunks */
	uint8_t action;	      /* as the kernel numbers it */
	bool overlapped;      /* another one was inside for blocks of this one */
};

#define BT_LL_CALLS_MAX	  64
#define BT_LL_WORKERS_MAX 64
#define BT_LL_PENDING_MAX 64
#define BT_LL_ROWS_MAX	  16

/* A block that infection has changed and that is not marked: a worker may be about to write it. */
struct bt_ll_pending {
	uint32_t block;
	struct bt_event_ref change;
};

/* What the kernel calls what, and its state machine: that stays true after a loss. */
struct bt_ll_kernel {
	bool named; /* BT_LL_NAMES was seen */
	uint8_t states[BT_LL_STATES];
	uint8_t actions[BT_LL_ACTIONS];
	uint8_t table[BT_LL_ROWS_MAX][32];     /* next states, by state and action */
	uint8_t table_actions[BT_LL_ROWS_MAX]; /* 0: the row was not seen */
};

struct bt_ll_bitmap_state {
	struct bt_ll_run *runs; /* ascending */
	uint32_t runs_nr, runs_cap;

	struct bt_ll_call calls[BT_LL_CALLS_MAX];
	uint32_t calls_nr;
	uint32_t workers[BT_LL_WORKERS_MAX]; /* threads that take marks and write blocks */
	uint32_t workers_nr;
	bool workers_unknown; /* there are others */
	struct bt_ll_pending pending[BT_LL_PENDING_MAX];
	uint32_t pending_nr;

	uint64_t discard_seq; /* last change by a discard */
	uint64_t sync_seq;    /* last event of resync */
	/* A load found it out of date; until its superblock is written */
	struct bt_event_ref stale_load, stale_filled;
};

/* Of a thread. */
struct bt_ll_task {
	uint64_t started_seq; /* its last start of a write */
	uint64_t call_seq;    /* entry of its last call that was going to make chunks Dirty */
	uint64_t call_first, call_last;
	uint32_t pages[2]; /* that it took the references of last, 1 + number */
	uint64_t pages_seq[2];
};

struct bt_bitmap;
struct bt_chunk;

/* The name of a state for messages, as in the kernel without "Bit". */
const char *bt_ll_state_name(unsigned int name);
/* enum bt_ll_state of the kernel's number, or BT_LL_OTHER - 1; false: not known. */
bool bt_ll_name(const struct bt_bitmap *bitmap, uint8_t number, unsigned int *name);
/* A state that a load turns into a resync? */
bool bt_ll_protects(unsigned int name);
/* Does the kernel's number stand for this action? */
bool bt_ll_action_is(const struct bt_bitmap *bitmap, uint8_t number, enum bt_ll_action action);
/* The call that this thread is inside of, or NULL. */
const struct bt_ll_call *bt_ll_call_of(const struct bt_bitmap *bitmap, uint32_t tid);
/* The earliest that what has changed just now may have changed; seq: now. */
uint64_t bt_ll_changed_from(const struct bt_bitmap *bitmap, uint64_t seq);
struct bt_event;
/*
 * Does this BT_LL_STATE report chunks that infection has just made protected? Not what was
 * reported before, nor what another call was given: that one has yet to mark it.
 */
bool bt_ll_is_infection(const struct bt_bitmap *bitmap, const struct bt_event *ev);
/* Is anybody taking marks away? */
bool bt_ll_workers_active(const struct bt_bitmap *bitmap);
/* Is what the disk has of this unprotected chunk still its protected state from before? */
bool bt_ll_still_on_disk(const struct bt_bitmap *bitmap, const struct bt_chunk *chunk,
			 uint64_t index);
/* When it became unprotected, 0: not seen. */
uint64_t bt_ll_cleared_seq(const struct bt_chunk *chunk);

#endif /* BT_LLBITMAP_H */
