// SPDX-License-Identifier: GPL-2.0-only
/* Chunks: lookup and allocation. */
#include <errno.h>

#include "model/core/impl.h"
#include "model/core/internal.h"

#define SLOTS (1U << BT_NODE_SHIFT)

/* The slot of the block in a node of this height. */
static unsigned int slot_of(uint64_t index, unsigned int height)
{
	return (unsigned int)(index >> (height - 1) * BT_NODE_SHIFT) & (SLOTS - 1);
}

static bool is_within(const struct bt_bitmap *bitmap, uint64_t index)
{
	return !(index >> bitmap->state.chunks_height * BT_NODE_SHIFT);
}

static struct bt_chunk_group *group_find(const struct bt_bitmap *bitmap, uint64_t index)
{
	unsigned int shift = bitmap->state.chunks_height * BT_NODE_SHIFT;
	const struct bt_chunk_node *node;
	void *found = bitmap->state.chunks_root;

	/* The same as slot_of, for all levels: called several times per event. */
	if (index >> shift)
		return NULL;
	while (shift && found) {
		shift -= BT_NODE_SHIFT;
		node = found;
		found = node->slots[index >> shift & (SLOTS - 1)];
	}
	return found;
}

const struct bt_chunk *bt_chunk_find(const struct bt_bitmap *bitmap, uint64_t chunk)
{
	const struct bt_chunk_group *group = group_find(bitmap, chunk / BT_GROUP_CHUNKS);

	return group ? &group->chunks[chunk % BT_GROUP_CHUNKS] : NULL;
}

uint8_t bt_chunk_state(const struct bt_bitmap *bitmap, const struct bt_chunk *known, uint64_t chunk)
{
	return known ? known->state : bitmap->ops->state_untouched(bitmap, chunk);
}

enum bt_protection bt_chunk_protection(const struct bt_bitmap *bitmap, const struct bt_chunk *known,
				       uint64_t chunk)
{
	return bitmap->ops->protection(bt_chunk_state(bitmap, known, chunk));
}

bool bt_chunk_next(const struct bt_bitmap *bitmap, struct bt_chunk_iter *iter)
{
	if (!iter->group)
		iter->group = bitmap->state.groups;
	else if (++iter->at == BT_GROUP_CHUNKS) {
		iter->group = iter->group->next;
		iter->at = 0;
	}
	if (!iter->group)
		return false;
	iter->chunk = &iter->group->chunks[iter->at];
	iter->index = iter->group->index * BT_GROUP_CHUNKS + iter->at;
	return true;
}

/* Adds levels above the root until the tree is high enough for the index. */
static int tree_grow(struct bt_bitmap *bitmap, uint64_t index)
{
	struct bt_chunk_node *node;

	while (!is_within(bitmap, index)) {
		if (bitmap->state.chunks_root) {
			node = bt_mem_alloc(bitmap, sizeof(*node));
			if (!node)
				return -1;
			node->slots[0] = bitmap->state.chunks_root;
			bitmap->state.chunks_root = node;
		}
		bitmap->state.chunks_height++;
	}
	return 0;
}

/* The pointer to the block of this index; NULL if out of memory. */
static void **tree_slot(struct bt_bitmap *bitmap, uint64_t index)
{
	void **slot = &bitmap->state.chunks_root;
	struct bt_chunk_node *node;
	unsigned int height;

	if (tree_grow(bitmap, index))
		return NULL;
	for (height = bitmap->state.chunks_height; height; height--) {
		if (!*slot)
			*slot = bt_mem_alloc(bitmap, sizeof(*node));
		node = *slot;
		if (!node)
			return NULL;
		slot = &node->slots[slot_of(index, height)];
	}
	return slot;
}

static void tree_free(struct bt_bitmap *bitmap, struct bt_chunk_node *node, unsigned int height)
{
	unsigned int i;

	if (!node || !height)
		return;
	for (i = 0; height > 1 && i < SLOTS; i++)
		tree_free(bitmap, node->slots[i], height - 1);
	bt_mem_free(bitmap, node, sizeof(*node));
}

static struct bt_chunk_group *group_new(struct bt_bitmap *bitmap, uint64_t index)
{
	void **slot = tree_slot(bitmap, index);
	struct bt_chunk_group *group;
	unsigned int i;

	group = slot ? bt_mem_alloc_aligned(bitmap, _Alignof(struct bt_chunk_group), sizeof(*group))
		     : NULL;
	if (!group)
		return NULL;
	group->index = index;
	for (i = 0; i < BT_GROUP_CHUNKS; i++)
		group->chunks[i].state =
			bitmap->ops->state_untouched(bitmap, index * BT_GROUP_CHUNKS + i);
	*slot = group;
	*(bitmap->state.groups ? bitmap->state.groups_end : &bitmap->state.groups) = group;
	bitmap->state.groups_end = &group->next;
	return group;
}

struct bt_chunk *bt_chunk_get(struct bt_bitmap *bitmap, uint64_t chunk)
{
	struct bt_chunk_group *group = group_find(bitmap, chunk / BT_GROUP_CHUNKS);

	if (!group)
		group = group_new(bitmap, chunk / BT_GROUP_CHUNKS);
	return group ? &group->chunks[chunk % BT_GROUP_CHUNKS] : NULL;
}

void bt_chunk_not_ended(struct bt_bitmap *bitmap, struct bt_chunk *chunk)
{
	if (!chunk->ended)
		return;
	bt_mem_free(bitmap, chunk->ended, sizeof(*chunk->ended));
	chunk->ended = NULL;
}

void bt_chunks_free(struct bt_bitmap *bitmap)
{
	struct bt_chunk_group *group, *next;
	unsigned int i;

	tree_free(bitmap, bitmap->state.chunks_root, bitmap->state.chunks_height);
	bitmap->state.chunks_root = NULL;
	bitmap->state.chunks_height = 0;
	for (group = bitmap->state.groups; group; group = next) {
		next = group->next;
		for (i = 0; i < BT_GROUP_CHUNKS; i++)
			bt_chunk_not_ended(bitmap, &group->chunks[i]);
		bt_mem_free(bitmap, group, sizeof(*group));
	}
	bitmap->state.groups = NULL;
}

int bt_chunk_need(struct bt_model *model, struct bt_bitmap *bitmap, struct bt_chunk *chunk,
		  const struct bt_event *ev)
{
	if (!chunk->ended)
		chunk->ended = bt_mem_alloc(bitmap, sizeof(*chunk->ended));
	if (!chunk->ended)
		return -ENOMEM;
	bt_event_ref_set(chunk->ended, model->seq, ev);
	chunk->needed = BT_NEEDED;
	return 0;
}
