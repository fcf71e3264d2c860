/* SPDX-License-Identifier: GPL-2.0-only */
/* A set of chunks whose smallest element is found in constant time: a tree of words of bits. */
#ifndef BT_CRASH_CHUNK_SET_H
#define BT_CRASH_CHUNK_SET_H

#include <stdint.h>

#define BT_CHUNK_SET_LEVELS 5	       /* 64^5 chunks */
#define BT_CHUNK_NONE	    UINT64_MAX /* smallest element of an empty set */

struct bt_chunk_set {
	uint64_t *levels[BT_CHUNK_SET_LEVELS]; /* [0] has a bit for each chunk */
	uint64_t chunks;
	uint64_t nr; /* in the set */
};

/* For chunks 0 to chunks - 1. Returns 0 or -ENOMEM; bt_chunk_set_free() is safe then. */
int bt_chunk_set_init(struct bt_chunk_set *set, uint64_t chunks);
void bt_chunk_set_free(struct bt_chunk_set *set);

/* Adds a chunk that is not in the set; removes a chunk that is. */
void bt_chunk_set_add(struct bt_chunk_set *set, uint64_t chunk);
void bt_chunk_set_remove(struct bt_chunk_set *set, uint64_t chunk);

/* The smallest chunk that is not below from */
uint64_t bt_chunk_set_next(const struct bt_chunk_set *set, uint64_t from);

static inline int bt_chunk_set_has(const struct bt_chunk_set *set, uint64_t chunk)
{
	return (int)(set->levels[0][chunk / 64] >> (chunk % 64) & 1);
}

/* 64 chunks from 64 * word on, as bits; 0 beyond the last */
static inline uint64_t bt_chunk_set_word(const struct bt_chunk_set *set, uint64_t word)
{
	return word * 64 < set->chunks ? set->levels[0][word] : 0;
}

#endif /* BT_CRASH_CHUNK_SET_H */
