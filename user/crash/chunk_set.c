// SPDX-License-Identifier: GPL-2.0-only
#include "crash/chunk_set.h"

#include <errno.h>
#include <stdlib.h>

int bt_chunk_set_init(struct bt_chunk_set *set, uint64_t chunks)
{
	uint64_t words = chunks;
	unsigned int level;

	*set = (struct bt_chunk_set){ .chunks = chunks };
	for (level = 0; level < BT_CHUNK_SET_LEVELS; level++) {
		words = (words + 63) / 64;
		set->levels[level] = calloc(words, sizeof(uint64_t));
		if (!set->levels[level]) {
			bt_chunk_set_free(set);
			return -ENOMEM;
		}
	}
	return 0;
}

void bt_chunk_set_free(struct bt_chunk_set *set)
{
	unsigned int level;

	for (level = 0; level < BT_CHUNK_SET_LEVELS; level++)
		free(set->levels[level]);
	*set = (struct bt_chunk_set){ 0 };
}

/* A bit in a level says that the word below is not 0. */
void bt_chunk_set_add(struct bt_chunk_set *set, uint64_t chunk)
{
	unsigned int level;
	uint64_t *word;

	set->nr++;
	for (level = 0; level < BT_CHUNK_SET_LEVELS; level++) {
		word = &set->levels[level][chunk / 64];
		*word |= UINT64_C(1) << (chunk % 64);
		chunk /= 64;
	}
}

void bt_chunk_set_remove(struct bt_chunk_set *set, uint64_t chunk)
{
	unsigned int level;
	uint64_t *word;

	set->nr--;
	for (level = 0; level < BT_CHUNK_SET_LEVELS; level++) {
		word = &set->levels[level][chunk / 64];
		*word &= ~(UINT64_C(1) << (chunk % 64));
		if (*word)
			return;
		chunk /= 64;
	}
}

static uint64_t words_of(const struct bt_chunk_set *set, unsigned int level)
{
	uint64_t words = set->chunks;

	for (level++; level; level--)
		words = (words + 63) / 64;
	return words;
}

uint64_t bt_chunk_set_next(const struct bt_chunk_set *set, uint64_t from)
{
	unsigned int level;
	uint64_t word;

	/* Go up until a word has a bit at or after the position */
	for (level = 0; level < BT_CHUNK_SET_LEVELS; level++) {
		if (from / 64 >= words_of(set, level))
			return BT_CHUNK_NONE;
		word = set->levels[level][from / 64] & ~UINT64_C(0) << (from % 64);
		if (word)
			break;
		from = from / 64 + 1;
	}
	if (level == BT_CHUNK_SET_LEVELS)
		return BT_CHUNK_NONE;
	/* Go down, to the first bit of each word */
	from = from / 64 * 64 + (uint64_t)__builtin_ctzll(word);
	while (level--) {
		word = set->levels[level][from];
		from = from * 64 + (uint64_t)__builtin_ctzll(word);
	}
	return from;
}
