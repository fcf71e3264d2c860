/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Streams of an array with a lockless bitmap, of LL_CHUNKS chunks: a page of 4 KiB has 8 blocks of
 * 512 bytes, the first two are the header. Numbers and table are those of 7.3. Writers, workers
 * and the daemon are threads of their own.
 */
#ifndef BT_TEST_LOCKLESS_H
#define BT_TEST_LOCKLESS_H

#include "stream.h"

#define LL_CHUNKS   1008 /* blocks 2 and 3 */
#define LL_WORKER   90
#define LL_DAEMON_T 91
#define LL_MARKED   (BT_LL_BLOCK_MARKED | BT_LL_PAGE_MARKED)

/* All chunks Clean on disk, and loaded. */
void ll_init(struct stream *s);
/* The same, of this level, in this state. */
void ll_init_as(struct stream *s, int level, enum bt_ll_state state);
/* Met while it was running: in memory all chunks are in this state. */
void ll_init_late(struct stream *s, enum bt_ll_state state);

/* ---- single events ---- */
void ll_enter(struct stream *s, uint32_t tid, uint64_t first, uint64_t last, uint8_t action);
void ll_exit(struct stream *s, uint32_t tid, uint64_t first, uint64_t last, uint8_t action);
void ll_state(struct stream *s, uint32_t tid, uint64_t chunk, uint32_t chunks, uint8_t before,
	      uint8_t after, uint8_t action, uint8_t flags);
void ll_barrier(struct stream *s, uint32_t tid, uint32_t page);
void ll_skip(struct stream *s, uint64_t chunk);
/* Returns what ends it; member 0 or 1. */
uint64_t ll_block_start(struct stream *s, uint32_t tid, uint32_t block, int member);
uint64_t ll_discard(struct stream *s, uint32_t tid, uint64_t chunk, int member);

/* ---- legal steps ---- */
/* One call that changes one chunk. */
void ll_change(struct stream *s, uint32_t tid, uint64_t chunk, uint8_t before, uint8_t after,
	       uint8_t action);
/* start_write of a chunk that becomes Dirty. */
void ll_start(struct stream *s, uint32_t tid, uint64_t chunk, uint8_t before);
/* A write of the block to both members. */
void ll_block(struct stream *s, uint32_t tid, uint32_t block);
/* The writer's unplug, with a worker that writes the block. */
void ll_unplug(struct stream *s, uint32_t tid, uint32_t block);
/* A whole write of a chunk that is Clean. */
void ll_write(struct stream *s, uint32_t tid, uint64_t chunk);
/* The daemon makes the chunk Clean. */
void ll_clean(struct stream *s, uint64_t chunk);

#endif /* BT_TEST_LOCKLESS_H */
