// SPDX-License-Identifier: GPL-2.0-only
/* Chunks: lookup and allocation. */
#include <stdlib.h>

#include "internal.h"

static struct bt_chunk_block *block_find(const struct bt_bitmap *bitmap, uint64_t index)
{
	struct bt_chunk_block *block;

	HASH_FIND(hh, bitmap->blocks, &index, sizeof(index), block);
	return block;
}

const struct bt_chunk *bt_chunk_find(const struct bt_bitmap *bitmap, uint64_t chunk)
{
	const struct bt_chunk_block *block = block_find(bitmap, chunk / BT_BLOCK_CHUNKS);

	return block ? &block->chunks[chunk % BT_BLOCK_CHUNKS] : NULL;
}

/* Since its load every change of a bit was seen; before that, none. */
static enum bt_bit default_bit(const struct bt_bitmap *bitmap, uint64_t chunk)
{
	return bitmap->from_load ? bt_loaded_bit(bitmap, chunk) : BT_BIT_UNKNOWN;
}

enum bt_bit bt_chunk_bit(const struct bt_bitmap *bitmap, uint64_t chunk)
{
	const struct bt_chunk *known = bt_chunk_find(bitmap, chunk);

	return known ? (enum bt_bit)known->bit : default_bit(bitmap, chunk);
}

struct bt_chunk *bt_chunk_get(struct bt_bitmap *bitmap, uint64_t chunk)
{
	uint64_t index = chunk / BT_BLOCK_CHUNKS;
	struct bt_chunk_block *block = block_find(bitmap, index);
	unsigned int i;

	if (!block) {
		block = calloc(1, sizeof(*block));
		if (!block)
			return NULL;
		block->index = index;
		for (i = 0; i < BT_BLOCK_CHUNKS; i++)
			block->chunks[i].bit =
				(uint8_t)default_bit(bitmap, index * BT_BLOCK_CHUNKS + i);
		HASH_ADD(hh, bitmap->blocks, index, sizeof(block->index), block);
	}
	return &block->chunks[chunk % BT_BLOCK_CHUNKS];
}

void bt_chunks_free(struct bt_bitmap *bitmap)
{
	struct bt_chunk_block *block, *next;
	unsigned int i;

	HASH_ITER (hh, bitmap->blocks, block, next) {
		HASH_DEL(bitmap->blocks, block);
		for (i = 0; i < BT_BLOCK_CHUNKS; i++)
			free(block->chunks[i].ended);
		free(block);
	}
}
